/// One answered question: the `index`-th of its label and stream was answered with `value` out of `count`.
public struct Choice: Sendable, Hashable {
  /// What was asked.
  public var label: ChoiceLabel
  /// Which saga or service asked; each has numbers of its own, so that they do not disturb one another.
  public var stream: UInt8
  /// The number of the question in its label and stream, from 0.
  public var index: UInt32
  /// How many answers there were.
  public var count: UInt32
  /// 0 is always the answer of a world without faults.
  public var value: UInt32

  /// An answer, as a trace has it.
  public init(label: ChoiceLabel, stream: UInt8, index: UInt32, count: UInt32, value: UInt32) {
    self.label = label
    self.stream = stream
    self.index = index
    self.count = count
    self.value = value
  }

  /// Where the question stands.
  var place: Place { Place(label: label, stream: stream, index: index) }

  /// A question by its label, stream and number.
  struct Place: Hashable {
    var label: ChoiceLabel
    var stream: UInt8
    var index: UInt32
  }
}
