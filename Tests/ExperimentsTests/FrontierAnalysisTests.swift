import Experiments
import FairnessMetrics
import RunRecords
import Testing

/// What is made of the runs of a frontier: points that a seed spoils are not pointed out.
@Suite struct FrontierAnalysisTests {
  private struct Failure: Error {}

  private static func run(
    _ accuracy: Double, _ rule: Double?, selected: Double = 0.2, _ status: ConstraintsRecord.Status = .feasible
  ) -> Result<FrontierRun, any Error> {
    let value = rule.map { MetricValue.defined($0) } ?? .undefined("no row is selected")
    return .success(
      FrontierRun(
        judgedOn: "validation",
        judged: .init(
          accuracy: .defined(accuracy), rocAUC: .defined(0.9), selectionRate: .defined(selected), metric: value,
          conditions: [value]), status: status))
  }

  private static func record(_ runs: [[Result<FrontierRun, any Error>]]) throws -> FrontierRecord {
    let plan = try FrontierPlan(
      path: "\(root)/Configs/quickstart.json",
      overrides: [try ConfigurationOverride(option: #"constraints={"require": ["p_percent_rule(sex) >= 0.8"]}"#)],
      .bounds(targets: [], values: [0.7, 0.8, 0.9]), seeds: [1, 2])
    return try FrontierAnalysis(plan, runs).record()
  }

  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/")

  private static let strict = [run(0.80, 0.91), run(0.80, 0.93)]
  private static let loose = [run(0.86, 0.7), run(0.86, 0.7)]

  @Test func theMostAccurateThatHoldsIsChosen() throws {
    let record = try Self.record([Self.loose, [Self.run(0.84, 0.83), Self.run(0.84, 0.81)], Self.strict])
    #expect(record.cheapestFeasible == .point(1))
    #expect(record.points.map(\.isPareto) == [true, true, true])
    #expect(record.points[1].conditions[0].seedsHolding == 2)
  }

  /// A seed that spoils a point, however well the mean does.
  @Test(arguments: 0..<4)
  func aSeedThatSpoilsAPointIsNotOverlooked(kind: Int) throws {
    let spoiled: Result<FrontierRun, any Error> =
      switch kind {
      case 0: Self.run(0.84, 0.85, .infeasible)
      case 1: Self.run(0.84, nil)
      case 2: Self.run(0.84, 0.85, selected: 0.004)
      default: .failure(Failure())
      }
    let record = try Self.record([Self.loose, [Self.run(0.84, 0.85), spoiled], Self.strict])
    #expect(record.cheapestFeasible == .point(2))
    let record2 = try Self.record([Self.loose, [Self.run(0.84, 0.85), spoiled], Self.loose])
    guard case .none(let reason) = record2.cheapestFeasible else {
      Issue.record("a point is named")
      return
    }
    #expect(reason.contains("(bound 0.8)"), "\(reason)")
    #expect(record.points[1].isPareto == (kind != 2))
    #expect(record.points[1].nearlyConstant == (kind == 2 ? [2] : []))
    if kind == 2 { #expect(record.notices.contains { $0.contains("0.8 (seed 2)") }, "\(record.notices)") }
    if kind == 1 { #expect(record.points[1].conditions[0].seedsHolding == 1) }
  }
}
