import LinearAlgebra
import Mitigation
import NeuralNetworks
import TabularData
import Testing

@Suite struct ReadGroupsTests {
  private static let reads = ReadGroups(
    columns: [.init("sex", groups: ["F", "M"])], combinations: [[0], [1]])

  private static func column(_ groups: [String], _ codes: [Int32]) -> SensitiveColumn {
    SensitiveColumn(name: "sex", groups: groups, privileged: nil, codes: codes)
  }

  /// Bayes' rule by hand: of the cells (F, 0), (F, 1), (M, 0), (M, 1) those of the row's own group remain.
  @Test func knowingTheGroupByHand() {
    let predicted = Matrix<Float>(
      rows: 4, columns: 4,
      values: [
        0.125, 0.375, 0.25, 0.25,
        0.125, 0.375, 0.25, 0.25,
        0.125, 0.375, 0.25, 0.25,
        0, 0, 0.25, 0.75,
      ])
    let found = Self.reads.conditioned(predicted, on: [Self.column(["F", "M"], [0, 1, -1, 0])])
    #expect(
      found.values == [
        0.25, 0.75, 0, 0,
        0, 0, 0.5, 0.5,
        // Without a known group, or where its own has no chance at all, what the features say.
        0.125, 0.375, 0.25, 0.25,
        0, 0, 0.25, 0.75,
      ])
  }

  /// Groups count by their names, in whatever order a table lists them, and columns by theirs.
  @Test func groupsGoByName() {
    let other = SensitiveColumn(name: "race", groups: ["x"], privileged: nil, codes: [0, 0, 0])
    let codes = Self.reads.combinations(of: [other, Self.column(["D", "M", "F"], [2, 1, 0])])
    #expect(codes == [0, 1, -1])
  }

  /// Rows alike in their features are decided alike without their group, and may differ with it: two thresholds on the
  /// chance of the label.
  @Test func decisionsMayDifferByGroup() {
    let network = Perceptron(inputs: 1, hidden: [], outputs: 1)
    let groups = Perceptron(inputs: 1, hidden: [], outputs: 4)
    var stream = RandomStream(seed: 4)
    let predictor = CellPredictor(
      labelNetwork: network, groupNetwork: groups,
      members: [
        .init(label: network.initialParameters(using: &stream), groups: groups.initialParameters(using: &stream))
      ])
    let decision = PlugInDecision(cellCosts: [1.5, 1.5, -1.5, -1.5])
    let features = Matrix<Float>(rows: 2, columns: 1, values: [0.3, 0.3])
    let sensitive = [Self.column(["F", "M"], [0, 1])]
    let blind = PlugInClassifier(predictor: predictor, decision: decision).scores(features, sensitive: sensitive)
    #expect(blind[0] == blind[1])
    let reading = PlugInClassifier(predictor: predictor, decision: decision, reads: Self.reads)
      .scores(features, sensitive: sensitive)
    #expect(reading[0] < 0.5 && reading[1] > 0.5)
  }
}
