import OrderedJSON
import TabularData

/// The column to predict, and what its values mean.
public struct LabelConfiguration: Sendable, Equatable {
  /// What the values of the column are.
  public typealias Kind = DataRecipe.Label.Kind

  /// The column.
  public var column: String

  /// What its values are.
  public var kind: Kind = .binary

  /// The cell that means y = 1; every other one means y = 0. Empty where the label is not binary.
  public var positive: String

  public init(_ column: String, positive: String) {
    self.column = column
    self.positive = positive
  }
}

extension LabelConfiguration {
  private typealias Field = ConfigurationField<LabelConfiguration>

  static let section = ConfigurationSection<LabelConfiguration>(
    defaults: LabelConfiguration("income", positive: ">50K"),
    fields: [
      Field("column", \.column, .text(.notEmpty), required: true, "The column."),
      Field(
        "kind", \.kind, .choice, writtenWhere: { $0.kind != .binary },
        "What its values are: binary, a positive one and others; categorical, more than two classes; continuous, numbers, "
          + "which a regression predicts."),
      Field(
        "positive", \.positive, .text(.notEmpty), required: true,
        onlyWhere: .init(text: "kind is binary", holds: { $0.kind == .binary }),
        "The cell that means 1, in quotation marks also where it is a number; every other cell means 0."),
    ],
    finish: { label, _, _ in
      if label.kind != .binary { label.positive = "" }
    })
}
