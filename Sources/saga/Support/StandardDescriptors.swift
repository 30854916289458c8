import Foundation

/// The standard input, output and error of a process that was started without them.
enum StandardDescriptors {
  /// Puts something in the place of those that are closed: the next file that is opened would get their number, and what is
  /// printed would be written into a ledger or a database. Reading them ends at once, and writing to them fails as before.
  static func claim() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      let opened = open("/dev/null", O_RDONLY)
      guard opened >= 0, opened != descriptor else { continue }
      dup2(opened, descriptor)
      close(opened)
    }
  }
}
