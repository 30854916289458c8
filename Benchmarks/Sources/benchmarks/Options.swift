import Foundation

/// What the command line asks for.
struct Options {
  enum Part: String {
    case all, store, parts, paths, latency, scale, shards, simulation, embedding
    case engine, floor, memory, lives
    /// For those of the others that have to be asked for themselves.
    case none
  }

  /// How often each measurement is taken; the table has medians.
  var rounds = 5
  /// Messages per commit.
  var groups = [1, 10, 100, 1000]
  /// Seconds that a round should last, about.
  var seconds = 1.0
  var part = Part.all
  var isJSON = false
  /// Whether other engines are measured, too.
  var peers = false
  /// Stored instances of the largest file.
  var instances = 1_000_000
  /// Open instances among which a process is killed.
  var open = 1_000_000
  /// Whether `docs/performance.md` is written.
  var page = false
  /// Where the databases are made: a real disk, or the figures mean nothing.
  var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).appendingPathComponent(".bench").path

  static let usage = """
    usage: scripts/bench [--json] [--rounds N] [--groups N,N…] [--seconds S] [--only PART] [--peers]
                         [--instances N] [--open N] [--page] [--folder PATH]

      --json       one JSON object instead of the tables
      --rounds     how often everything is measured, latencies at least five times; the tables have medians (5)
      --groups     messages per commit (1,10,100,1000)
      --seconds    how long a round lasts, about (1)
      --only       store: engine and floor; latency: how long a commit takes under load; scale: many instances, stored
                   and open, memory, disk, recovery; shards: one journal and two; paths: other sagas;
                   parts: what an event passes through;
                   simulation: seeds and states; embedding: an engine in a service;
                   engine, floor, memory, lives: that alone, for a profiler; none: only what is asked for besides
      --peers      DBOS Transact (from PyPI, into a folder of the build) runs the same saga beside the engine
      --instances  stored instances of the largest file (1000000); 10000000 takes half an hour and 20 GB
      --open       open instances among which a process is killed (1000000)
      --page       writes docs/performance.md
      --folder     where the databases are made; it must be on a real disk
    """

  /// - Throws: `UsageError` naming the argument.
  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value(_ name: String) throws -> String {
      guard let value = rest.popFirst() else { throw UsageError(text: "\(name) needs a value") }
      return value
    }
    func number<Number: LosslessStringConvertible & Comparable & ExpressibleByIntegerLiteral>(
      _ name: String, _ text: String
    ) throws -> Number {
      guard let number = Number(text), number > 0 else {
        throw UsageError(text: "\(name) takes a number over 0, not '\(text)'")
      }
      return number
    }
    while let name = rest.popFirst() {
      switch name {
      case "--json": isJSON = true
      case "--rounds": rounds = try number(name, try value(name))
      case "--seconds": seconds = try number(name, try value(name))
      case "--peers": peers = true
      case "--instances": instances = try number(name, try value(name))
      case "--open": open = try number(name, try value(name))
      case "--page": page = true
      case "--groups": groups = try value(name).split(separator: ",").map { try number(name, String($0)) }
      case "--folder": folder = try value(name)
      case "--only":
        let text = try value(name)
        guard let part = Part(rawValue: text) else { throw UsageError(text: "--only does not know '\(text)'") }
        self.part = part
      default: throw UsageError(text: "unknown argument '\(name)'")
      }
    }
  }

  /// - Parameter parts: any of them.
  func measures(_ parts: Part...) -> Bool { part == .all || parts.contains(part) }
}

struct UsageError: Error { var text: String }

struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
