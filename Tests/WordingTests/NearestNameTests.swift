import Testing
import Wording

@Suite struct NearestNameTests {
  private static let names = [
    "learningRate", "lambda", "test.accuracyEqualityDifference", "test.accuracy", "validation.accuracy", "sex", "seed",
  ]

  @Test(arguments: [
    ("lamda", "lambda"), ("lambad", "lambda"), ("LearningRate", "learningRate"), ("learning_rate", "learningRate"),
    ("sede", "seed"), ("sx", "sex"),
    // Cut short: the shortest that begins so.
    ("test.acc", "test.accuracy"), ("Learn", "learningRate"), ("test.accuracyE", "test.accuracy"),
    ("test.accuracyEq", "test.accuracy"), ("test.accuracyEqua", "test.accuracy"),
    ("test.accuracyEquality", "test.accuracyEqualityDifference"), ("val", "validation.accuracy"),
    // Neither near nor a beginning, too short, or no name at all.
    ("accuracy", nil), ("va", nil), ("", nil), ("epochs", nil), (String(repeating: "l", count: 300), nil),
  ])
  func nearest(name: String, expected: String?) {
    #expect(NearestName.find(name, among: Self.names) == expected)
  }
}
