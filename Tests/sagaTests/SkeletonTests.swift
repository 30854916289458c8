import Testing

@Suite struct SkeletonTests {
  @Test("the target builds") func builds() {}
}
