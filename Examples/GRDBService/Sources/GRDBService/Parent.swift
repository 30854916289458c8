import Foundation

/// The process that has started this one, where that is a rig which takes its services with it when it is killed.
enum Parent {
  private static let variable = "EXAMPLE_PARENT"

  /// For a process that shall end with this one.
  static var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging([variable: "\(getpid())"]) { $1 }
  }

  /// Ends this process when the parent has gone, if the parent has asked for it. One that was started in a shell outlives it.
  static func watch() {
    guard let text = ProcessInfo.processInfo.environment[variable], let parent = Int32(text) else { return }
    Thread.detachNewThread {
      while getppid() == parent { sleep(1) }
      exit(1)
    }
  }
}
