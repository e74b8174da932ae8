/// Finds what a misspelt name was meant to be.
public enum NearestName {
  /// The name with the smallest edit distance, where that is at most a third of the longer name (at least one); of equally
  /// near names the first. Where none is near, the shortest of those that begin like it, from three letters on. Capital
  /// letters count as small ones. Nil where there is no such name, and for names longer than any that people type.
  public static func find(_ name: String, among names: [String]) -> String? {
    // A name far longer than any key is no slip of the finger, and would make the table below large.
    guard name.utf8.count <= 256 else { return nil }
    let wanted = Array(name.lowercased())
    var best: (name: String, distance: Int)?
    for candidate in names {
      let letters = Array(candidate.lowercased())
      let distance = distance(wanted, letters)
      if distance <= max(1, max(wanted.count, letters.count) / 3) && distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.name ?? (wanted.count < 3 ? nil : completion(of: wanted, among: names))
  }

  private static func completion(of beginning: [Character], among names: [String]) -> String? {
    names.filter { $0.lowercased().starts(with: beginning) }.min { $0.count < $1.count }
  }

  /// The edit distance, two neighbours that changed places counting as one edit (optimal string alignment), with
  /// three rows of the table at a time.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { distance = min(distance, beforeLast[j - 1] + 1) }
        row.append(distance)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
