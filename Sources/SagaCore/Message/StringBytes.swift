extension String {
  /// Lends the string's UTF-8 bytes. `withUTF8` wants a variable, and so a copy that is counted.
  @inline(__always) func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    // Only strings bridged from elsewhere are not contiguous.
    var copy = self
    return copy.withUTF8(body)
  }
}
