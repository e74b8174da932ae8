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
  @Test(arguments: [false, true]) func predictionsAreEqualToTheLastBit(isCorrected: Bool) throws {
    let model = try isCorrected ? ModelFixture.correctedModel() : ModelFixture.model()
    let again = try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder)
      return try SavedModel(folder: folder)
    }
    func scores(_ model: SavedModel, _ table: Table, rows: [Int]? = nil) throws -> [UInt32] {
      let features = try model.encoder.encode(table, rows: rows).features
      return model.scores(features).map(\.bitPattern)
    }
    let new = "town,job,age\né,zzz,33.3\n,b,-1e6\nx,a,?\n"
    for text in [ModelFixture.rows, new] {
      let table = try ModelFixture.table(text, options: model.schema.readingOptions)
      let expected = try scores(model, table)
      #expect(expected.count == table.rowCount && Set(expected).count > 1)
      #expect(try scores(again, table) == expected)
      for row in 0..<table.rowCount { #expect(try scores(again, table, rows: [row]) == [expected[row]]) }
    }
  }

  @Test func correctedRoundTrip() throws {
    let model = try ModelFixture.correctedModel()
    try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder)
      let again = try SavedModel(folder: folder)
      #expect(again == model)
      for (file, other) in zip(model.files, again.files) { #expect(file.bytes == other.bytes, "\(file.name)") }
    }
  }

  @Test(arguments: [
    (#""members" : 2"#, #""members" : 0"#, "correction: there are 0 pairs of networks"),
    (#""format" : 2"#, #""format" : 1"#, "the format 1 belongs to models without a correction"),
    (#""outputs" : 4"#, #""outputs" : 6"#, "correction: there are 4 costs for 6 cells"),
  ])
  func damagedCorrection(found: String, replacement: String, fault: String) throws {
    let model = try ModelFixture.correctedModel()
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
