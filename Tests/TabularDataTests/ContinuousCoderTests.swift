import Foundation
import TabularData
import Testing

/// Continuous sensitive attributes: standardised by the training rows, and refused where there is nothing to standardise.
@Suite struct ContinuousCoderTests {
  private static let people = """
    age,sex,job,fold,income
    20,F,a,train,yes
    30,M,b,train,no
    ?,F,a,train,yes
    40,M,c,train,no
    70,F,b,test,yes
    ?,M,a,test,no

    """

  private static var recipe: DataRecipe {
    DataRecipe(
      label: .init(column: "income", positive: ["yes"]), sensitive: [.init(column: "sex")], continuous: ["age"],
      split: .column("fold", values: nil))
  }

  @Test func standardizedByTheTrainingRows() throws {
    let data = try Self.recipe.prepare(read(Self.people))
    let coder = try #require(data.continuous.first)
    #expect(coder.column == "age" && coder.mean == 30)
    #expect(abs(coder.deviation - (200.0 / 3).squareRoot()) < 1e-12)
    let train = try #require(data[.train]?.continuous.first?.values)
    let expected = [-10, 0, Double.nan, 10].map { Float($0 / coder.deviation) }
    #expect(train.count == 4 && train[2].isNaN && [0, 1, 3].allSatisfy { train[$0] == expected[$0] })
    let test = try #require(data[.test]?.continuous.first)
    #expect(test.name == "age" && test.values[0] == Float(40 / coder.deviation) && test.values[1].isNaN)
    #expect(data.encoder.featureNames == ["job=a", "job=b", "job=c"], "it is no feature")
    #expect(data.counts[.train]?.missing["age"] == 1 && data.counts[.train]?.groups["age"] == nil)
    #expect(
      data.warnings.map(\.description).contains {
        $0.hasSuffix(
          "sensitive column 'age' is missing in 2 of 6 rows; they have no part in its losses and correlations.")
      })
    // Rows that are gathered keep their numbers.
    let gathered = try #require(data[.train]).gatheringRows([3, 0])
    #expect(gathered.continuous[0].values == [expected[3], expected[0]])
  }

  @Test(arguments: [
    ("job", "is continuous, and its cells are not numbers. Make it categorical, or name another column."),
    ("flat", "is 5 in all 4 training rows that have it, so that there is nothing to depend on. Name another column."),
    ("empty", "is missing in every training row. Name another column."),
    ("sex", "is sensitive twice. Name it once."),
    ("income", "is both the label and sensitive. Give it one role."),
    ("aeg", "Did you mean 'age'?"),
  ])
  func refusals(column: String, message: String) throws {
    var lines = Self.people.split(separator: "\n").map(String.init)
    // A column without a number could be no feature either, so each stands in its own table.
    lines[0] += column == "empty" ? ",empty" : ",flat"
    for index in 1..<lines.count {
      lines[index] += column == "empty" ? (index <= 4 ? ",?" : ",1") : (index <= 4 ? ",5" : ",6")
    }
    var recipe = Self.recipe
    recipe.continuous = [column]
    let error = #expect(throws: DataError.self) { try recipe.prepare(read(lines.joined(separator: "\n") + "\n")) }
    #expect(error?.description.hasSuffix(message) == true, "\(error?.description ?? "none")")
  }
}
