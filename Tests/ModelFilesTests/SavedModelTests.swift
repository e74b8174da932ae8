import Foundation
import LinearAlgebra
import ModelFiles
import NeuralNetworks
import TabularData
import Testing

@Suite struct SavedModelTests {
  @Test(arguments: [([], .relu), ([4, 3], .tanh), ([8], .leakyReLU)] as [([Int], Activation)])
  func roundTrip(hidden: [Int], activation: Activation) throws {
    let model = try ModelFixture.model(hidden: hidden, activation: activation)
    try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder)
      let again = try SavedModel(folder: folder)
      #expect(again == model)
      #expect(again.files.map(\.name) == [SavedModel.descriptionFile, SavedModel.weightsFile])
      for (file, other) in zip(model.files, again.files) { #expect(file.bytes == other.bytes, "\(file.name)") }
      guard case .network(let read) = again.scorer, case .network(let written) = model.scorer else {
        Issue.record("the scorer is another")
        return
      }
      #expect(read.parameters.values.map(\.bitPattern) == written.parameters.values.map(\.bitPattern))
    }
  }

  /// Scores equal to the last bit: also of new rows, with unseen categories and missing cells, and of each row alone.
  @Test(arguments: ModelFixture.Kind.allCases) func predictionsAreEqualToTheLastBit(kind: ModelFixture.Kind) throws {
    let model = try ModelFixture.model(kind)
    let again = try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder)
      return try SavedModel(folder: folder)
    }
    func scores(_ model: SavedModel, _ table: Table, rows: [Int]? = nil) throws -> [UInt32] {
      let features = try model.encoder.encode(table, rows: rows).features
      let sensitive = try model.readSensitive(of: table).map { column in
        var column = column
        if let rows { column.codes = rows.map { column.codes[$0] } }
        return column
      }
      return model.scores(features, sensitive: sensitive).map(\.bitPattern)
    }
    let new = "town,job,age,sex\né,zzz,33.3,F\n,b,-1e6,M\nx,a,?,?\n"
    for text in [ModelFixture.rows, new] {
      let table = try ModelFixture.table(text, options: model.schema.readingOptions)
      let expected = try scores(model, table)
      #expect(expected.count == table.rowCount && Set(expected).count > 1)
      #expect(try scores(again, table) == expected)
      for row in 0..<table.rowCount { #expect(try scores(again, table, rows: [row]) == [expected[row]]) }
    }
  }

  @Test(arguments: ModelFixture.Kind.allCases) func everyKindComesBack(kind: ModelFixture.Kind) throws {
    let model = try ModelFixture.model(kind)
    try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder)
      let again = try SavedModel(folder: folder)
      #expect(again == model)
      for (file, other) in zip(model.files, again.files) { #expect(file.bytes == other.bytes, "\(file.name)") }
    }
  }

  @Test(arguments: [
    (#""members" : 2"#, #""members" : 0"#, "correction: there are 0 pairs of networks"),
    (#""format" : 2"#, #""format" : 1"#, "what it describes has the format 2, not 1"),
    (#""outputs" : 4"#, #""outputs" : 6"#, "correction: there are 4 costs for 6 cells"),
  ])
  func damagedCorrection(found: String, replacement: String, fault: String) throws {
    try expectFault(in: ModelFixture.correctedModel(), replacing: found, with: replacement, fault)
  }

  @Test(arguments: [
    (#""format" : 3"#, #""format" : 2"#, "what it describes has the format 3, not 2"),
    (
      #""name" : "sex""#, #""name" : "sx""#,
      "correction: it reads the column 'sx', which is no sensitive attribute with these groups"
    ),
    (#""combinations" : ["#, #""combinations" : [[0],"#, "correction: there are 3 combinations of groups for 4 cells"),
  ])
  func damagedReading(found: String, replacement: String, fault: String) throws {
    try expectFault(in: ModelFixture.correctedModel(readsSex: true), replacing: found, with: replacement, fault)
  }

  @Test(arguments: [
    ("0.5,", "0.75,", "mixture: the probabilities sum to 1.25"),
    ("0.5,", "-0.5,", "mixture: the probability -0.5 is not in 0...1"),
    (#""format" : 3"#, #""format" : 1"#, "what it describes has the format 3, not 1"),
  ])
  func damagedMixture(found: String, replacement: String, fault: String) throws {
    try expectFault(in: ModelFixture.mixture(), replacing: found, with: replacement, fault)
  }

  @Test(arguments: [
    (#""format" : 4"#, #""format" : 3"#, "what it describes has the format 4, not 3"),
    (
      #""probability" : 0.75"#, #""probability" : 0.5"#,
      "processing: the thresholds of [\"M\"] have probabilities that sum to 0.75"
    ),
    (
      #""threshold" : 0.7"#, #""threshold" : 0"#,
      "processing: the threshold 0.0 is not above 0 and at most 1"
    ),
    (
      #""coefficients" : ["#, #""coefficients" : [[],"#,
      "processing: a remover has 2 rows of coefficients for 1 indicators"
    ),
  ])
  func damagedProcessing(found: String, replacement: String, fault: String) throws {
    try expectFault(in: ModelFixture.processedModel(), replacing: found, with: replacement, fault)
  }

  /// A decision that reads a group differs by it, and is refused where the column is missing.
  @Test func whatIsReadIsDemanded() throws {
    let model = try ModelFixture.correctedModel(readsSex: true)
    #expect(model.readColumns == ["sex"])
    let options = model.schema.readingOptions
    func scores(_ text: String) throws -> [Float] {
      let table = try ModelFixture.table(text, options: options)
      return model.scores(
        try model.encoder.encode(table).features, sensitive: try model.readSensitive(of: table))
    }
    let both = try scores("town,job,age,sex\né,a,33,F\né,a,33,M\né,a,33,?\n")
    #expect(Set(both).count == 3)
    let error = #expect(throws: DataError.self) { try scores("town,job,age\né,a,33\n") }
    #expect(error?.description.contains("lacks the column 'sex', which this model reads") == true)
    #expect(try ModelFixture.correctedModel().readSensitive(of: ModelFixture.table()).isEmpty)
  }

  private func expectFault(
    in model: SavedModel, replacing found: String, with replacement: String, _ fault: String
  ) throws {
    try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder) { name, bytes in
        guard name == SavedModel.descriptionFile else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(found))
        return Array(text.replacing(found, with: replacement).utf8)
      }
      let error = #expect(throws: ModelFileError.self) { try SavedModel(folder: folder) }
      #expect(error?.description == "\(folder)/model.json: is damaged (\(fault)). Use another copy.")
    }
  }

  @Test func missingFiles() throws {
    let model = try ModelFixture.model()
    for missing in [SavedModel.descriptionFile, SavedModel.weightsFile] {
      try ModelFixture.withFolder { folder in
        try ModelFixture.write(model, to: folder) { $0 == missing ? nil : $1 }
        let error = #expect(throws: ModelFileError.self) { try SavedModel(folder: folder) }
        #expect(error?.kind == .noInput)
        #expect(
          error?.description
            == "\(folder)/\(missing): cannot be read. Name the folder of a run that came to its end.")
      }
    }
  }
}
