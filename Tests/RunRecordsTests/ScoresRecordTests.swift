import FairnessMetrics
import OrderedJSON
import RunRecords
import Testing

@Suite struct ScoresRecordTests {
  private static let record = ScoresRecord(
    split: .test, bins: 4,
    states: [
      .init(.pretrained, [.init(Slice(), positives: [0, 1, 2, 3], negatives: [4, 3, 2, 1])]),
      .init(
        .final,
        [
          .init(Slice(), positives: [1, 1, 2, 2], negatives: [4, 3, 3, 0]),
          .init(
            Slice([.init(column: "sex", group: "<b>"), .init(column: "race", group: nil)]), positives: [1, 0, 0, 0],
            negatives: [0, 0, 0, 0]),
        ]),
    ])

  @Test func roundTrip() throws {
    let text = Self.record.json.serialized(.compact)
    #expect(try ScoresRecord(JSONReader.read(text, source: "s").value, at: "s") == Self.record)
  }

  @Test(arguments: [
    (
      #"{"format":1,"split":"test","bins":2,"states":{"final":[{"slice":{},"positives":[1],"negatives":[0,1]}]}}"#,
      "should be a list of 2 counts"
    ),
    (
      #"{"format":1,"split":"test","bins":1,"states":{"final":[{"slice":{},"positives":[-1],"negatives":[0]}]}}"#,
      "should be a list of 1 counts"
    ),
    (#"{"format":1,"split":"test","bins":0,"states":{}}"#, "bins should be from 1 to 100000"),
    (#"{"format":1,"split":"test","bins":1,"states":{"last":[]}}"#, "states.last is an unknown state"),
    (#"{"format":2,"split":"test","bins":1,"states":{}}"#, "newer version"), (#"[]"#, "the record should be an object"),
  ])
  func damageIsRefused(text: String, message: String) throws {
    let json = try JSONReader.read(text, source: "s").value
    let error = #expect(throws: RecordError.self) { try ScoresRecord(json, at: "s") }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func epochKeepsItsScores() throws {
    let counts = ScoreCounts(
      scores: [0, 0.5, 1, .nan, 0.49999997],
      attributes: [GroupColumn(name: "g", groups: ["a", "b"], codes: [0, 1, 1, 0, -1])],
      bins: 2)
    #expect(counts.all == [2, 2])
    #expect(counts.attributes == [.init("g", groups: [.init("a", counts: [1, 0]), .init("b", counts: [0, 2])])])
    let record = EpochRecord(
      phase: .game, epoch: 3, labelLoss: .defined(0.5), adversaryLoss: .undefined("none"), scores: counts)
    let text = record.json.serialized(.compact)
    #expect(text.contains(#""scores":{"all":[2,2],"attributes":{"g":{"a":[1,0],"b":[0,2]}}}"#))
    #expect(try EpochRecord(JSONReader.read(text, source: "e").value, at: "e") == record)
  }
}

@Suite struct PredictionsBeforeTests {
  private static let file = PredictionsFile(
    rows: [4, 7], splits: [.train, .test], labels: [1, 0], scores: [0.25, 0.75], decisions: [false, true],
    scoresBefore: [0.5, 0.125], groups: [.init(name: "sex", groups: ["a", "b"], codes: [1, -1])])

  @Test func roundTrip() throws {
    let text = "row,split,label,score,decision,scoreBefore,sex\n4,train,1,0.25,0,0.5,b\n7,test,0,0.75,1,0.125,\n"
    #expect(String(decoding: Self.file.csv, as: UTF8.self) == text)
    let read = try PredictionsFile(csv: Self.file.csv, at: "p.csv")
    #expect(read.scoresBefore == [0.5, 0.125] && read.groups.map(\.name) == ["sex"])
    #expect(read.csv == Self.file.csv)
  }

  @Test func damagedScoreIsTold() {
    let text = "row,split,label,score,decision,scoreBefore\n1,test,0,0.5,1,x\n"
    #expect(throws: RecordError.self) { try PredictionsFile(csv: Array(text.utf8), at: "p.csv") }
  }
}
