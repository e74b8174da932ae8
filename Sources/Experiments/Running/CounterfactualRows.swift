import LinearAlgebra
import TabularData
import Wording

/// Simulated people had they been of the other group: what counterfactual logit pairing compares with.
///
/// The simulator keeps each person's noise and sets the attribute; what follows from it is computed anew, and encoded as
/// the people themselves were.
struct CounterfactualRows {
  /// The attribute that is set.
  let attribute: String

  private let encoder: FeatureEncoder
  private let coders: [SensitiveCoder]
  /// The index of the attribute among the coders.
  private let place: Int
  /// All people, for each group that the attribute is set to.
  private let tables: [Table]

  /// - Parameter seed: The seed of the run.
  /// - Throws: `DataError` where the rows are not simulated, or the attribute has not two groups.
  init(_ data: PreparedData, of source: DataSource?, attribute: String, seed: UInt64) throws(DataError) {
    self.attribute = attribute
    let name = Excerpt.quoted(attribute)
    guard case .simulated(let source) = source else {
      throw DataError(
        .badData, at: "mitigation",
        "has the penalty counterfactualPairing, but only simulated people have counterfactuals. Choose "
          + "{\"simulated\": \"census\"} for data.source, or another penalty.")
    }
    guard let place = data.sensitive.firstIndex(where: { $0.column == attribute }) else {
      throw DataError(
        .badData, at: "mitigation", "sets \(name) otherwise, which is no sensitive attribute with groups. Name one.")
    }
    let coder = data.sensitive[place]
    guard coder.groups.count == 2, coder.bins == nil else {
      throw DataError(
        .badData, at: "mitigation",
        "sets \(name) to its other group, but it has \(coder.groups.count) groups\(coder.bins == nil ? "" : " of numbers"). "
          + "Keep two groups that are values of the column, or name another attribute.")
    }
    var tables: [Table] = []
    for group in coder.groups { tables.append(try source.counterfactual(attribute, group, runSeed: seed)) }
    self.tables = tables
    self.place = place
    encoder = data.encoder
    coders = data.sensitive
  }

  /// The same people of the other group, row by row.
  func twins(of dataset: Dataset) throws(DataError) -> Dataset {
    let width = encoder.featureCount
    var features = Matrix<Float>(rows: dataset.rows, columns: width, repeating: 0)
    var sensitive = dataset.sensitive
    let codes = dataset.sensitive[place].codes
    for (group, table) in tables.enumerated() {
      let places = codes.indices.filter { codes[$0] == Int32(1 - group) }
      guard !places.isEmpty else { continue }
      let rows = places.map { dataset.sourceRows[$0] }
      let encoded = try encoder.encode(table, rows: rows).features
      for (index, row) in places.enumerated() {
        for column in 0..<width {
          features.values[row * width + column] = encoded.values[index * width + column]
        }
      }
      for (attribute, coder) in coders.enumerated() {
        let found = try coder.attribute(of: table, rows: rows).codes
        for (index, row) in places.enumerated() { sensitive[attribute].codes[row] = found[index] }
      }
    }
    return Dataset(
      features: features, baseRow: dataset.baseRow, labels: dataset.labels, sensitive: sensitive,
      continuous: dataset.continuous, weights: dataset.weights, sourceRows: dataset.sourceRows)
  }
}
