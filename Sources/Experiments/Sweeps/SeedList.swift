import Wording

/// The seeds that a text names: `1...8`, `1,2,5`, or both mixed.
public struct SeedList: Sendable, Equatable {
  /// What is wrong with a text, in a sentence or two.
  public struct Fault: Error, Sendable, Equatable {
    public var message: String
  }

  /// The most runs that one command starts with its seeds.
  public static let most = 10_000

  /// The seeds, in the order given, each once.
  public let seeds: [Int]

  /// Reads a text.
  public init(_ text: String) throws(Fault) {
    var seeds: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let place = part.isEmpty ? "nothing between two commas" : Excerpt.quoted(String(part))
      let noSeed = Fault(message: "Seeds are whole numbers of at least 0, such as 1...8 or 1,2,5; found \(place).")
      if part.contains("...") {
        let ends = part.split(separator: ".", omittingEmptySubsequences: true).map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0 else { throw noSeed }
        guard first <= last else { throw Fault(message: "\(place) goes downwards. Give \(last)...\(first).") }
        guard last - first < Self.most else { throw Fault(message: "\(place) is more than \(Self.most) seeds.") }
        seeds += first...last
      } else {
        guard let seed = Int(part), seed >= 0 else { throw noSeed }
        seeds.append(seed)
      }
      guard seeds.count <= Self.most else { throw Fault(message: "There are more than \(Self.most) seeds.") }
    }
    var seen: Set<Int> = []
    if let twice = seeds.first(where: { !seen.insert($0).inserted }) {
      throw Fault(message: "Seed \(twice) is named twice. Name it once.")
    }
    self.seeds = seeds
  }
}
