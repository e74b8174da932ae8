import RunStore

/// One run of a store, for people.
public struct RunDetailText: Sendable {
  private let entry: RunEntry
  private let folder: String
  private let settings: [(key: String, value: RunValue?)]
  private let metrics: [(key: String, value: RunValue?)]
  private let epochs: [RunStore.EpochLine]
  private let isUnicode: Bool

  /// - Parameters:
  ///   - settings: The keys in which the configurations of the store differ, with this run's values.
  ///   - metrics: The statistics, with this run's values.
  public init(
    _ entry: RunEntry, folder: String, settings: [(key: String, value: RunValue?)],
    metrics: [(key: String, value: RunValue?)], epochs: [RunStore.EpochLine], isUnicode: Bool = true
  ) {
    self.entry = entry
    self.folder = folder
    self.settings = settings
    self.metrics = metrics
    self.epochs = epochs
    self.isUnicode = isUnicode
  }

  public var text: String {
    var fields = PlainTable(columns: [("run", false), (TerminalText.neutralized(folder), false)])
    fields.rows = [
      ["status", entry.status.rawValue + (entry.seconds.map { ", \(TerminalText.duration($0))" } ?? "")],
      ["started", entry.started], ["experiment", "\(TerminalText.neutralized(entry.name)), seed \(entry.seed)"],
      ["version", TerminalText.neutralized(entry.version)], ["identity", entry.identity.run],
      ["configuration", entry.identity.configuration], ["data", entry.identity.data],
    ]
    if let last = epochs.last { fields.rows.append(["epochs", "\(last.number), last \(last.phase) \(last.epoch)"]) }
    var text = fields.text
    text += section("Settings in which runs differ", settings)
    text += section("Statistics", metrics)
    let losses = epochs.filter { $0.phase == "game" }.compactMap(\.labelLoss)
    if losses.count > 1, isUnicode { text += "\nLabel loss over the game  \(Self.curve(losses))\n" }
    return text
  }

  private func section(_ title: String, _ values: [(key: String, value: RunValue?)]) -> String {
    let present = values.filter { $0.value != nil }
    guard !present.isEmpty else { return "" }
    var table = PlainTable(columns: [(title, false), ("", true)])
    table.rows = present.map { [TerminalText.neutralized($0.key), RunCell.text($0.value)] }
    return "\n" + table.text
  }

  /// A curve of at most 60 characters, each the mean of its part.
  private static func curve(_ values: [Double]) -> String {
    let count = min(60, values.count)
    let means = (0..<count).map { part in
      let range = part * values.count / count..<(part + 1) * values.count / count
      return values[range].reduce(0, +) / Double(range.count)
    }
    guard let low = means.min(), let high = means.max(), high > low else { return "" }
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(means.map { bars[min(7, Int(($0 - low) / (high - low) * 8))] })
  }
}
