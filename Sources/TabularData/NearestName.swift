/// Finds what a misspelt name was meant to be.
public enum NearestName {
  /// The name with the smallest edit distance, where that is at most a third of the longer name (at least one), capital
  /// letters counting as small ones; of equally near names the first. Nil where none is near.
  public static func find(_ name: String, among names: [String]) -> String? {
    let wanted = Array(name.lowercased())
    var best: (name: String, distance: Int)?
    for candidate in names {
      let letters = Array(candidate.lowercased())
      let distance = distance(wanted, letters)
      if distance <= max(1, max(wanted.count, letters.count) / 3) && distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.name
  }

  /// The edit distance of Levenshtein, with a row of the table at a time.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
