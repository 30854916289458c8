import Foundation

/// Writing to an open file, pipe or device.
package enum DescriptorWriting {
  /// Writes until everything is written.
  ///
  /// - Returns: the system's error number (`errno`) where something is not; otherwise nil.
  package static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return errno }
        rest = rest.dropFirst(count)
      }
      return nil
    }
  }
}
