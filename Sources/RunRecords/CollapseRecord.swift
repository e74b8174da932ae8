import OrderedJSON

/// A collapse of the game that was found: an element of `collapses` in `summary.json`.
public struct CollapseRecord: Sendable, Equatable {
  /// The epoch of the game, from 1.
  public var epoch: Int

  /// The signs, as clauses for people.
  public var signs: [String]

  /// The epoch whose networks were put back, 0 for those before the game; nil where nothing was done.
  public var restoredEpoch: Int?

  public init(epoch: Int, signs: [String], restoredEpoch: Int?) {
    self.epoch = epoch
    self.signs = signs
    self.restoredEpoch = restoredEpoch
  }

  var json: JSON {
    .object([
      .init("epoch", .number(JSONNumber(epoch))), .init("signs", .array(signs.map(JSON.string))),
      .init("restoredEpoch", restoredEpoch.map { .number(JSONNumber($0)) } ?? .null),
    ])
  }

  init(_ record: RecordReading) throws(RecordError) {
    let restored = record.contains("restoredEpoch") ? try record.optionalInteger("restoredEpoch") : nil
    self.init(
      epoch: try record.integer("epoch"), signs: try record.elements("signs").compactMap(\.text),
      restoredEpoch: restored)
  }
}
