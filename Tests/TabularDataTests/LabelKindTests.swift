import Foundation
import TabularData
import Testing

/// Labels with several classes and numbers: fitted on the training rows, and refused where there is nothing to learn.
@Suite struct LabelKindTests {
  private static let people = """
    grade,hours,age,sex,fold
    high,40,20,F,train
    low,20,30,M,train
    middle,30,40,F,train
    low,50,40,M,train
    high,45,70,F,test
    low,15,50,M,test

    """

  private static func recipe(_ label: DataRecipe.Label) -> DataRecipe {
    DataRecipe(
      label: label, sensitive: [.init(column: "sex")], drop: ["hours", "grade"].filter { $0 != label.column },
      split: .column("fold", values: nil))
  }

  private static let grade = DataRecipe.Label(column: "grade", kind: .categorical)
  private static let hours = DataRecipe.Label(column: "hours", kind: .continuous)

  @Test func classesOfTheTrainingRows() throws {
    let data = try Self.recipe(Self.grade).prepare(read(Self.people))
    #expect(data.label.kind == .categorical(classes: ["high", "low", "middle"]))
    let (train, test) = (try #require(data[.train]), try #require(data[.test]))
    #expect(train.labelKind == data.label.kind && train.labels == [0, 1, 2, 1] && test.labels == [0, 1])
    #expect(train.gatheringRows([2]).labelKind == data.label.kind)
    #expect(data.label.positive.isEmpty && data.counts[.train]?.positives == 0)
    #expect(data.warnings.isEmpty)
  }

  @Test func numbersAndTheirMoments() throws {
    let data = try Self.recipe(Self.hours).prepare(read(Self.people))
    #expect(data.label.kind == .continuous(mean: 35, deviation: 125.0.squareRoot()))
    #expect(data[.train]?.labels == [40, 20, 30, 50], "in their own unit")
    #expect(data[.test]?.labels == [45, 15])
  }

  /// Numbers may be classes: in the order of numbers.
  @Test func numericClasses() throws {
    let text = "decile,x,sex\n10,1,F\n2,2,M\n1,3,F\n10,4,M\n2,5,F\n1,6,M\n"
    var recipe = DataRecipe(
      label: .init(column: "decile", kind: .categorical), sensitive: [.init(column: "sex")],
      split: .fractions([.train: 1], stratify: .none, seed: 1))
    let data = try recipe.prepare(read(text))
    #expect(data.label.kind == .categorical(classes: ["1", "2", "10"]))
    #expect(data[.train]?.labels == [2, 1, 0, 2, 1, 0])
    // Stratified, each part has a row of each class.
    recipe.split = .fractions([.train: 0.5, .test: 0.5], stratify: .label, seed: 1)
    recipe.sensitive = [.init(column: "sex")]
    let rows = text.split(separator: "\n").dropFirst().map { "\($0)\n" }.joined()
    let parts = try recipe.prepare(read(text + rows))
    #expect(parts[.train]?.labels.sorted() == [0, 0, 1, 1, 2, 2])
  }

  @Test func manyClasses() throws {
    func text(_ classes: Int) -> String {
      "y,x,sex\n" + (0..<2 * classes).map { "c\($0 % classes),\($0),\($0 < classes ? "F" : "M")\n" }.joined()
    }
    let recipe = DataRecipe(
      label: .init(column: "y", kind: .categorical), sensitive: [.init(column: "sex")],
      split: .fractions([.train: 1], stratify: .none, seed: 1))
    #expect(try recipe.prepare(read(text(200))).label.kind.outputs == 200)
    let refusal = try message { folder in _ = try recipe.prepare(CSVReader().read(folder.write(text(257).utf8))) }
    #expect(
      refusal
        == "data.csv: label 'y' has 257 classes in the training rows, more than 256. If it is a number, make it continuous "
        + "(data.label.kind); else name a column with fewer values.")
  }

  @Test(arguments: [
    (
      grade, "high,45,70,F,test", "top,45,70,F,test",
      "data.csv:6: label 'grade' is 'top', a class that no training row has. The training rows have 'high', 'low' and "
        + "'middle'. Take the row out by a filter, or stratify the split by the label."
    ),
    (
      grade, "low,20", ",20",
      "data.csv:3: label 'grade' is missing. Complete the cell, or take the row out of the file."
    ),
    (
      hours, "low,20", "low,",
      "data.csv:3: label 'hours' is missing. Complete the cell, or take the row out of the file."
    ),
    (
      hours, "low,20", "low,1e39",
      "data.csv:3: label 'hours' is 1e+39, beyond single precision. Give it in a larger unit."
    ),
    (
      DataRecipe.Label(column: "sex", kind: .continuous), "low", "low",
      "data.csv: label 'sex' is continuous, and its cells are not numbers. Make it categorical, or name another column."
    ),
  ])
  func refusals(label: DataRecipe.Label, found: String, replacement: String, expected: String) throws {
    let text = Self.people.replacingCharacters(in: try #require(Self.people.range(of: found)), with: replacement)
    var recipe = Self.recipe(label)
    if label.column == "sex" {
      recipe.sensitive = [.init(column: "grade")]
      recipe.drop = ["hours"]
    }
    let refusal = try message { folder in _ = try recipe.prepare(CSVReader().read(folder.write(text.utf8))) }
    #expect(refusal == expected)
  }

  @Test func nothingToLearn() throws {
    func refusal(_ label: DataRecipe.Label, _ text: String) throws -> String {
      try message { folder in _ = try Self.recipe(label).prepare(CSVReader().read(folder.write(text.utf8))) }
    }
    let oneClass = Self.people.replacingOccurrences(of: "high", with: "low").replacingOccurrences(
      of: "middle", with: "low")
    #expect(
      try refusal(Self.grade, oneClass)
        == "data.csv: label 'grade' has one class, 'low', in the 4 training rows. A classifier needs two: check the "
        + "label's name and the filters.")
    let flat = "hours,age,sex,fold\n" + (0..<4).map { "7,\($0),\($0 % 2 == 0 ? "F" : "M"),train\n" }.joined()
    let recipe = DataRecipe(
      label: Self.hours, sensitive: [.init(column: "sex")], split: .column("fold", values: nil))
    #expect(
      try message { folder in _ = try recipe.prepare(CSVReader().read(folder.write(flat.utf8))) }
        == "data.csv: label 'hours' is 7 in all 4 training rows, so that there is nothing to predict. Name another column."
    )
    let narrow = flat.replacingOccurrences(of: "\n7,1", with: "\n7.00001,1")
    let refused = try message { folder in _ = try recipe.prepare(CSVReader().read(folder.write(narrow.utf8))) }
    #expect(refused.contains("too little for single precision. Give it as the difference from a number near the mean."))
    var stratified = recipe
    stratified.split = .fractions([.train: 0.5, .test: 0.5], stratify: .label, seed: 1)
    let refusedSplit = try message { folder in _ = try stratified.prepare(CSVReader().read(folder.write(flat.utf8))) }
    #expect(refusedSplit.contains("the split is to be stratified by label 'hours', which is continuous."))
  }

  /// Pieces or all at once, from the cache or in memory: the same labels.
  @Test(arguments: [grade, hours])
  func mappedRows(_ label: DataRecipe.Label) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.people.utf8)
    let recipe = Self.recipe(label)
    let reading = ReadingOptions()
    let cache = try PreparedCache(folder: folder.path + "/cache")
    let identity = CacheIdentity(sources: ["people"], recipe: recipe, reading: reading)
    let rows = try CSVRows([(path: path, part: nil)], options: reading)
    let made = try cache.prepare(rows, identity)
    let again = try #require(cache.open(identity.key))
    let direct = try recipe.prepare(CSVReader().read(path))
    for data in [made, again] {
      #expect(data.label == direct.label)
      #expect(data[.train]?.labels == direct[.train]?.labels && data[.test]?.labels == direct[.test]?.labels)
      #expect(data[.train]?.labelKind == direct.label.kind)
    }
  }

  @Test func binaryCodersAreWrittenAsEver() throws {
    let recipe = Self.recipe(.init(column: "grade", positive: ["high"]))
    let label = try recipe.prepare(read(Self.people)).label
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      String(decoding: try encoder.encode(label), as: UTF8.self)
        == #"{"column":"grade","negative":["low","middle"],"positive":["high"]}"#)
    #expect(label.kind == .binary)
  }
}
