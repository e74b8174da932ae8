import ArgumentParser

/// The seeds that an option names: `1...8`, `1,2,5`, or both mixed.
struct SeedList: ExpressibleByArgument {
  /// The most runs that one command starts.
  private static let most = 10_000

  /// The seeds, in the order given, each once.
  let seeds: [Int]

  init?(argument: String) {
    var seeds: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
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
