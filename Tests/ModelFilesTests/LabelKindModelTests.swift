import AdversarialGame
import Foundation
import LinearAlgebra
import ModelFiles
import NeuralNetworks
import TabularData
import Testing

/// Models of labels with several classes and of numbers: kept, read again, and refused where they were changed.
@Suite struct LabelKindModelTests {
  private static let rows = """
    x,job,level,hours,sex
    1,a,low,40,F
    2,b,high,38.5,M
    -3,a,middle,20,F
    4.5,b,low,61,M

    """

  private static func model(_ label: DataRecipe.Label) throws -> SavedModel {
    let recipe = DataRecipe(
      label: label, sensitive: [.init(column: "sex")], drop: ["level", "hours"].filter { $0 != label.column },
      split: .fractions([.train: 1], stratify: .none, seed: 1))
    let data = try recipe.prepare(ModelFixture.table(rows))
    var stream = RandomStream(seed: 3)
    let network = Perceptron(
      inputs: data.encoder.featureCount, hidden: [4], outputs: data.label.kind.outputs, activation: .tanh)
    return SavedModel(
      scorer: .network(Classifier(network: network, label: data.label.kind, using: &stream)), encoder: data.encoder,
      schema: data.schema, label: data.label, sensitive: data.sensitive, threshold: 0.5)
  }

  private static let level = DataRecipe.Label(column: "level", kind: .categorical)
  private static let hours = DataRecipe.Label(column: "hours", kind: .continuous)

  @Test(arguments: [level, hours])
  func comesBackAndPredictsTheSame(label: DataRecipe.Label) throws {
    let model = try Self.model(label)
    try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder)
      let again = try SavedModel(folder: folder)
      #expect(again == model && again.label.kind == model.label.kind)
      for (file, other) in zip(model.files, again.files) { #expect(file.bytes == other.bytes, "\(file.name)") }
      // Versions that know no such label do not take it for another.
      #expect(String(decoding: model.files[0].bytes, as: UTF8.self).contains("\"format\" : 5"))
      let (features, _) = try model.encoder.encode(ModelFixture.table(Self.rows))
      let predictions = again.scores(features)
      #expect(predictions.count == 4 * model.label.kind.outputs && predictions == model.scores(features))
      if label == Self.level {
        for row in 0..<4 { #expect(abs(predictions[3 * row..<3 * row + 3].reduce(0, +) - 1) < 1e-6) }
      } else {
        #expect(predictions.allSatisfy { $0 > 0 && $0 < 100 }, "in hours")
      }
      for withDecision in [false, true] {
        let file = String(decoding: try model.onnx(withDecision: withDecision, version: "1"), as: UTF8.self)
        #expect(file.contains(label == Self.level ? "probabilities" : "prediction"))
        #expect(file.contains("ArgMax") == (withDecision && label == Self.level))
      }
    }
  }

  @Test(arguments: [
    (level, "\"middle\"", "\"low\"", "label: class 'low' occurs twice"),
    (level, "\"outputs\" : 3", "\"outputs\" : 2", "the network has 2 outputs for a label that needs 3"),
    (level, "\"format\" : 5", "\"format\" : 1", "what it describes has the format 5, not 1"),
    (hours, "\"outputs\" : 1", "\"outputs\" : 2", "the network has 2 outputs for a label that needs 1"),
    (hours, "\"deviation\" : ", "\"deviation\" : -", "label: its mean and deviation standardise nothing"),
  ])
  func damaged(label: DataRecipe.Label, found: String, replacement: String, fault: String) throws {
    let model = try Self.model(label)
    try ModelFixture.withFolder { folder in
      try ModelFixture.write(model, to: folder) { name, bytes in
        guard name == SavedModel.descriptionFile else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(found))
        return Array(text.replacingOccurrences(of: found, with: replacement).utf8)
      }
      let error = #expect(throws: ModelFileError.self) { try SavedModel(folder: folder) }
      #expect(error?.message == "is damaged (\(fault)). Use another copy.")
    }
  }

  @Test func whoNeedsTwoClassesSaysSo() throws {
    let error = #expect(throws: ModelFileError.self) {
      try Self.model(Self.level).requireBinaryLabel(because: "a threshold decides", remedy: "Do something.", at: "run")
    }
    #expect(
      error?.description
        == "run: holds a model whose label 'level' has 3 classes, and a threshold decides. Do something.")
    #expect(throws: Never.self) {
      try ModelFixture.model().requireBinaryLabel(because: "a threshold decides", remedy: "", at: "run")
    }
  }
}
