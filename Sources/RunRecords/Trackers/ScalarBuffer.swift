/// Lines of numbers that wait to be written, by the file that they belong to: opening fifty files for every epoch would
/// take longer than the epoch.
struct ScalarBuffer {
  private static let interval = Duration.seconds(2)

  private var lines: [(name: String, text: String)] = []
  private var places: [String: Int] = [:]
  private var lastWrite = ContinuousClock.now

  mutating func add(_ line: String, to name: String) {
    if let place = places[name] {
      lines[place].text += line
    } else {
      places[name] = lines.count
      lines.append((name, line))
    }
  }

  /// Whether the lines have waited long enough.
  var isDue: Bool { ContinuousClock.now - lastWrite >= Self.interval }

  /// Gives the lines to `body`, file by file, and forgets them.
  mutating func flush(_ body: (String, String) throws(RecordError) -> Void) throws(RecordError) {
    for (name, text) in lines { try body(name, text) }
    lines = []
    places = [:]
    lastWrite = .now
  }
}
