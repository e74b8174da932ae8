import FairnessMetrics
import OrderedJSON
import RunRecords
import Testing

/// Evaluations of labels with several classes and of numbers as records, and their predictions as lines.
@Suite struct LabelKindRecordTests {
  private static let column = GroupColumn(name: "sex", groups: ["F", "M"], codes: [0, 1, 0, 1, -1])

  private static let classes = ClassifierEvaluation(
    classScores: [0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1, 0.1, 0.8, 0.1, 0.4, 0.3, 0.3], labels: [0, 1, 1, 1, 2],
    classes: ["low", "a \"b\"", "high"], attributes: [column])
  private static let numbers = ClassifierEvaluation(
    predictions: [1, 2, 3, 4, 5], labels: [2, 2, 3, 5, 1], attributes: [column])

  @Test(arguments: [classes, numbers])
  func readBackEqual(evaluation: ClassifierEvaluation) throws {
    var evaluation = evaluation
    // Means nothing here, and is not written.
    evaluation.threshold = 0.5
    evaluation.attributes[0].adversaryAUC = .defined(0.75)
    let json = evaluation.json
    #expect(json["threshold"] == nil && json["selectionRate"] == .null)
    #expect(try ClassifierEvaluation(json, at: "x") == evaluation)
    let text = json.serialized()
    #expect(try ClassifierEvaluation(JSONReader.read(Array(text.utf8), source: "x").value, at: "x") == evaluation)
    let summary = RunSummary(
      name: "x", seed: 1, phases: [.init(.final, splits: [SplitEvaluation(.test, evaluation)])])
    #expect(try RunSummary(summary.json, at: "x") == summary)
    #expect(!summary.isBinary)
  }

  @Test func statisticsOverClassesNameTheirClass() {
    let sex = Self.classes.json["classes"]?["sensitive"]?["sex"]
    #expect(sex?["pPercentRuleClass"] != nil && sex?["pPercentRuleWithout"] == ["high"])
    #expect(Self.classes.json["classes"]?["each"]?["high"]?["rows"]?.integer == 1)
  }

  @Test func scalarsOfARegression() {
    let scalars = SplitEvaluation(.test, Self.numbers).scalars.map { $0.path.joined(separator: ".") }
    #expect(scalars.contains("test.rootMeanSquaredError") && scalars.contains("test.sex.kolmogorovSmirnovDistance"))
    #expect(!scalars.contains("test.accuracy"))
  }

  @Test func linesOfClasses() {
    let form = LabelPredictions.classes(["low", "=1+1", "a,b"])
    let lines = LabelPredictionLines(form, groups: [("sex", ["F", "M"])], files: ["one", "two"], withBefore: true)
    var bytes = lines.header
    lines.append(
      row: 3, file: 1, split: .test, label: 2, predictions: [0.25, 0.5, 0.25], before: [0.5, 0.5, 0], groups: [1],
      to: &bytes)
    lines.append(
      row: 4, file: 0, split: .train, label: 1, predictions: [0.1, 0.2, 0.7], before: [0, 0, 1], groups: [-1],
      to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        row,file,split,label,decision,score.low,score.=1+1,"score.a,b",decisionBefore,sex
        3,two,test,"a,b",'=1+1,0.25,0.5,0.25,low,M
        4,one,train,'=1+1,"a,b",0.1,0.2,0.7,"a,b",

        """)
    #expect(
      JSON.object(form.members([0.25, 0.5, 0.25])).serialized(.compact)
        == #"{"decision":"=1+1","scores":{"low":0.25,"=1+1":0.5,"a,b":0.25}}"#)
  }

  @Test func linesOfNumbers() {
    let lines = LabelPredictionLines(.numbers, groups: [], files: nil, withBefore: false)
    var bytes = lines.header
    lines.append(row: 0, file: 0, split: .test, label: 40, predictions: [-38.5], before: nil, groups: [], to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "row,split,label,prediction\n0,test,40,-38.5\n")
  }
}
