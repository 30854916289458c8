import SagaRuntime

/// A kind of store as the conformance suite needs it: made, opened again and copied by whoever knows how.
public struct StoreHarness {
  /// Makes a new, empty store of epoch 1 that shares nothing with any other one.
  public var make: () throws -> any Store
  /// Ends the use of a store and opens the same shard again, as after the end of its process. nil for a store that does not
  /// outlive its object: the checks that need it are left out and said to be.
  public var reopen: ((any Store) throws -> any Store)?
  /// Copies a store with `copy(to:)` and opens the copy so that it can be read. nil leaves out the checks that need it.
  public var openCopy: ((any Store) throws -> any Store)?

  /// A kind of store that can only be made, unless it is said how it is opened again and copied.
  public init(
    make: @escaping () throws -> any Store, reopen: ((any Store) throws -> any Store)? = nil,
    openCopy: ((any Store) throws -> any Store)? = nil
  ) {
    self.make = make
    self.reopen = reopen
    self.openCopy = openCopy
  }
}
