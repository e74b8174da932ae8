import OrderedJSON
import TabularData

extension ConfigurationCodec<RowFilter> {
  /// A condition on one column, in one of three forms.
  static var rowFilter: Self {
    .anyOf([
      .keyed(
        "between", RangeFilter.section.codec.map(\.filter, RangeFilter.init),
        sample: RowFilter(column: "age", .between(18, 65)),
        holds: { if case .between = $0.condition { true } else { false } }),
      .keyed(
        "among",
        ValueFilter.section("among", "The values, one of which the cell must be.").codec.map(
          { RowFilter(column: $0.column, .among($0.values)) }, ValueFilter.init),
        sample: RowFilter(column: "state", .among(["CA", "NY"])),
        holds: { if case .among = $0.condition { true } else { false } }),
      .keyed(
        "notAmong",
        ValueFilter.section("notAmong", "The values, none of which the cell may be.").codec.map(
          { RowFilter(column: $0.column, .notAmong($0.values)) }, ValueFilter.init),
        sample: RowFilter(column: "status", .notAmong(["withdrawn"])),
        holds: { if case .notAmong = $0.condition { true } else { false } }),
    ])
  }
}

/// A column whose numbers lie in a closed range.
private struct RangeFilter: Sendable {
  var column: String
  var ends: [Double]

  init(_ filter: RowFilter) {
    column = filter.column
    if case .between(let low, let high) = filter.condition { ends = [low, high] } else { ends = [0, 0] }
  }

  var filter: RowFilter { RowFilter(column: column, .between(ends[0], ends[1])) }

  static let section = ConfigurationSection<RangeFilter>(
    defaults: RangeFilter(RowFilter(column: "", .between(0, 0))),
    fields: [
      ConfigurationField("column", \.column, .text(.notEmpty), required: true, "The column."),
      ConfigurationField(
        "between", \.ends,
        ConfigurationCodec<[Double]>.list(.number(.finite), minimum: 2, maximum: 2).refusing {
          $0[0] <= $0[1] ? nil : "should name the lower end first."
        }, required: true, "The range of numbers, both ends included."),
    ])
}

/// A column whose cells are, or are not, some values.
private struct ValueFilter: Sendable {
  var column: String
  var values: [String]

  init(_ filter: RowFilter) {
    column = filter.column
    switch filter.condition {
    case .among(let values), .notAmong(let values): self.values = values
    case .between: values = []
    }
  }

  static func section(_ key: String, _ help: String) -> ConfigurationSection<ValueFilter> {
    ConfigurationSection<ValueFilter>(
      defaults: ValueFilter(RowFilter(column: "", .among([]))),
      fields: [
        ConfigurationField("column", \.column, .text(.notEmpty), required: true, "The column."),
        ConfigurationField(
          key, \.values, .list(.text(.any), minimum: 1, maximum: 10_000, distinct: true), required: true, help),
      ])
  }
}
