import Foundation

/// Files of this repository.
enum Shipped {
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static func saga(_ name: String) -> String { repository.appendingPathComponent("sagas/\(name).json").path }
  static let orders = saga("order-fulfillment")
  static let choreography = saga("order-choreography")
}
