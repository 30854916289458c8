#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// `errno` of a system call that failed, with its text.
struct SystemError: Error {
  var number: Int32
  var text: String

  static var last: SystemError {
    let number = errno
    return SystemError(number: number, text: String(cString: strerror(number)))
  }
}
