/// The known name that a mistyped one most likely means, or nil where none is near.
///
/// Near is an edit distance (insertions, deletions, substitutions and swaps of neighbours) of at most a third of the
/// name's length, letters compared without case; of equally near names the first wins.
func nearestName(to name: String, among known: some Sequence<String>) -> String? {
  // A name far longer than any key is no slip of the finger, and would make the table below large.
  guard name.utf8.count <= 64 else { return nil }
  let letters = Array(name.lowercased())
  var best: (name: String, distance: Int)?
  for candidate in known {
    let distance = editDistance(letters, Array(candidate.lowercased()))
    if distance <= max(1, max(letters.count, candidate.count) / 3), distance < best?.distance ?? .max {
      best = (candidate, distance)
    }
  }
  return best?.name
}

/// The optimal string alignment distance of two words.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
