import ArgumentParser
import Reporting

/// The seeds that an option names: `1...8`, `1,2,5`, or both mixed.
struct SeedList {
  /// The most runs that one command starts.
  private static let most = 10_000

  /// The seeds, in the order given, each once.
  let seeds: [Int]

  /// - Throws: `ValidationError`, which says what is wrong.
  init(parsing argument: String) throws {
    var seeds: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let place = TerminalText.neutralized(part.isEmpty ? "nothing between two commas" : "'\(part)'")
      if part.contains("...") {
        let ends = part.split(separator: ".", omittingEmptySubsequences: true).map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0 else {
          throw ValidationError("Seeds are whole numbers of at least 0, such as 1...8 or 1,2,5; found \(place).")
        }
        guard first <= last else { throw ValidationError("\(place) goes downwards. Give \(last)...\(first).") }
        guard last - first < Self.most else { throw ValidationError("\(place) is more than \(Self.most) seeds.") }
        seeds += first...last
      } else {
        guard let seed = Int(part), seed >= 0 else {
          throw ValidationError("Seeds are whole numbers of at least 0, such as 1...8 or 1,2,5; found \(place).")
        }
        seeds.append(seed)
      }
      guard seeds.count <= Self.most else { throw ValidationError("There are more than \(Self.most) seeds.") }
    }
    var seen: Set<Int> = []
    if let twice = seeds.first(where: { !seen.insert($0).inserted }) {
      throw ValidationError("Seed \(twice) is named twice. Name it once.")
    }
    self.seeds = seeds
  }
}
