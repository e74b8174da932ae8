import Foundation
import LinearAlgebra
import TabularData
import Testing

@Suite struct FeatureEncoderTests {
  /// Golden values from Scripts/golden/tabular_data.py: SimpleImputer, StandardScaler, get_dummies.
  @Test func agreesWithScikitLearn() throws {
    let golden = try Golden.load().small
    let table = try read(golden.csv)
    for variant in golden.variants {
      let encoder = try FeatureEncoder.fit(
        to: table, columns: table.columns.map(\.name), keptRows: Array(0..<table.rowCount),
        trainingRows: golden.training,
        options: EncodingOptions(dropFirst: variant.dropFirst, standardize: variant.standardize))
      let (features, warnings) = try encoder.encode(table)
      #expect(features.columns == variant.features[0].count)
      for (value, expected) in zip(features.values, variant.features.joined()) {
        // Float has 24 bits; sums of six terms in Double add nothing that shows.
        #expect(abs(Double(value) - expected) <= 1e-6 * max(1, abs(expected)))
      }
      #expect(
        warnings.map(\.message) == [
          "column 'job': 1 of 6 rows hold what no training row has ('adder'); they are encoded as the average of the "
            + "training rows."
        ])
    }
  }

  @Test func namesFollowTheBytesOfTheCategories() throws {
    let table = try read("c,n\nb,1\nZ,2\na,3\n,4\n")
    let encoder = try FeatureEncoder.fit(
      to: table, columns: ["c", "n"], keptRows: [0, 1, 2, 3], trainingRows: [0, 1, 2, 3],
      options: EncodingOptions(dropFirst: true))
    // In bytes: Unknown < Z < a < b; the first is dropped.
    #expect(encoder.featureNames == ["c=Z", "c=a", "c=b", "n"])
    #expect(encoder.featureCount == 4)
  }

  @Test func newDataGetTheUnseenBucket() throws {
    let table = try read("c,n\nx,1\nx,2\ny,3\nz,4\n")
    // z is in the data set and in no training row.
    let encoder = try FeatureEncoder.fit(
      to: table, columns: ["c", "n"], keptRows: [0, 1, 2, 3], trainingRows: [0, 1, 2])
    let new = try read("n,c,extra\n,x,1\n2,new,1\n2,,1\n2,z,1\n2,y,1\n")
    let (features, warnings) = try encoder.encode(new)
    #expect(encoder.featureNames == ["c=x", "c=y", "c=z", "n"])
    for row in 1...3 { #expect((0..<3).allSatisfy { features[row, $0] == 0 }, "row \(row) is the average person") }
    #expect(features[0, 3] == 0, "a missing number is the mean")
    #expect(features[0, 0] != 0 && features[4, 1] != 0)
    #expect(
      warnings.map(\.message) == [
        "column 'c': 3 of 5 rows hold what no training row has (a missing cell, 'new', 'z'); "
          + "they are encoded as the average of the training rows."
      ])
  }

  @Test func comesBackFromJSON() throws {
    let table = try read("c,n\nx,0.1\ny,2\n,3.7\n")
    let encoder = try FeatureEncoder.fit(
      to: table, columns: ["c", "n"], keptRows: [0, 1, 2], trainingRows: [0, 1, 2])
    let again = try JSONDecoder().decode(FeatureEncoder.self, from: JSONEncoder().encode(encoder))
    #expect(again == encoder)
    #expect(try again.encode(table).features == encoder.encode(table).features)
  }

  @Test func testRowsMoveNoStatistic() throws {
    let one = try read("c,n\nx,1\ny,2\nx,3\ny,1000\n")
    let other = try read("c,n\nx,1\ny,2\nx,3\nx,-5\n")
    let encoders = try [one, other].map {
      try FeatureEncoder.fit(to: $0, columns: ["c", "n"], keptRows: [0, 1, 2, 3], trainingRows: [0, 1, 2])
    }
    #expect(encoders[0] == encoders[1])
  }

  @Test func constantColumnsBecomeZero() throws {
    let table = try read("n\n0.1\n0.1\n0.1\n")
    let encoder = try FeatureEncoder.fit(to: table, columns: ["n"], keptRows: [0, 1, 2], trainingRows: [0, 1, 2])
    #expect(try encoder.encode(table).features.values.allSatisfy { abs($0) < 1e-15 })
  }
}
