/// What a JSON text may cost. Beyond a limit parsing stops with an error that names it.
public struct JSONLimits: Sendable, Hashable {
  /// The deepest nesting any limits allow, whatever `maximumDepth` says: the parser recurses, and threads have small stacks.
  public static let greatestDepth = 512

  /// Bytes of the whole text.
  public var maximumBytes: Int
  /// How deep arrays and objects may nest; `[]` has depth 1. At most `greatestDepth`.
  public var maximumDepth: Int
  /// Bytes of one string or key as it stands in the text; nil for no limit but `maximumBytes`.
  public var maximumStringBytes: Int?
  /// Members of one object or elements of one array; nil for no limit but `maximumBytes`.
  public var maximumMembers: Int?

  /// The defaults are those of a message: 1 MiB, 64 deep.
  public init(
    maximumBytes: Int = 1_048_576, maximumDepth: Int = 64, maximumStringBytes: Int? = nil, maximumMembers: Int? = nil
  ) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = min(maximumDepth, JSONLimits.greatestDepth)
    self.maximumStringBytes = maximumStringBytes
    self.maximumMembers = maximumMembers
  }

  /// For messages and stored data: 1 MiB, 64 deep.
  public static let message = JSONLimits()

  /// For saga definitions, scenarios and traces: 16 MiB, 256 deep.
  public static let definition = JSONLimits(maximumBytes: 16_777_216, maximumDepth: 256)
}

extension JSON {
  /// Whether arrays and objects nest deeper than `maximum` in this value; looks no deeper than that.
  ///
  /// Values made by expressions can grow deeper with every message. What is stored must be checked against the limits it will
  /// be read with.
  public func isDeeper(than maximum: Int) -> Bool {
    switch self {
    case .array(let elements):
      maximum <= 0 || elements.indices.contains { elements[$0].nests && elements[$0].isDeeper(than: maximum - 1) }
    case .object(let members):
      maximum <= 0
        || members.members.indices.contains {
          members.members[$0].value.nests && members.members[$0].value.isDeeper(than: maximum - 1)
        }
    default: false
    }
  }

  /// Whether it holds other values.
  private var nests: Bool {
    switch self {
    case .array, .object: true
    default: false
    }
  }
}
