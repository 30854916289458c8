/// When what an engine decides becomes durable.
public enum CommitStyle: String, Sendable, Hashable, CaseIterable {
  /// Call by call, as `saga run` has it.
  case apart
  /// What comes in and what follows from it together (`ShardEngine.joinCommits`), as a service's loop has it.
  case joined
  /// While what comes next is decided (`ShardEngine.handOverJoined`), as a service's loop has it when more waits.
  case pipelined

  /// What it means, for stories.
  var summary: String {
    switch self {
    case .apart: "commits each call"
    case .joined: "commits what comes in and what follows from it together"
    case .pipelined: "commits while it decides what comes next"
    }
  }
}
