/// The seeds that a text names: `1...8`, `1,2,5`, or both mixed.
public struct SeedList: Sendable, Equatable {
  /// The most runs that one command starts with its seeds.
  public static let most = 10_000

  /// The seeds, in the order given, each once.
  public let seeds: [Int]

  /// Reads a text; nil where it names no seeds, one twice, or too many.
  public init?(_ text: String) {
    var seeds: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: ".", omittingEmptySubsequences: true).map { Int($0) }
      if part.contains("...") {
        guard ends.count == 2, let first = ends[0], let last = ends[1], 0 <= first, first <= last,
          last - first < Self.most
        else { return nil }
        seeds += first...last
      } else {
        guard let seed = Int(part), seed >= 0 else { return nil }
        seeds.append(seed)
      }
    }
    guard !seeds.isEmpty, seeds.count <= Self.most, Set(seeds).count == seeds.count else { return nil }
    self.seeds = seeds
  }
}
