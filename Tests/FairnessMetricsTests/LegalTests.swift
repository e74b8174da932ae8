import FairnessMetrics
import Testing

@Suite struct LegalTests {
  @Test func fourFifthsByHand() {
    let rule = FourFifthsRule([
      ("a", CountedShare(50, of: 100)), ("b", CountedShare(40, of: 100)), ("c", CountedShare(39, of: 100)),
      ("none", CountedShare(0, of: 0)),
    ])
    #expect(
      rule.rows.map(\.impactRatio) == [
        .defined(1), .defined(0.8), .defined(0.78), .undefined("there are no rows"),
      ])
    #expect(rule.rows.map(\.isBelowFourFifths) == [false, false, true, nil])
    #expect(rule.rows.map { $0.pValue == nil } == [true, false, false, true])
    // z = 0.11 / √(0.445 · 0.555 · 2/100) = 1.5651.
    expect(.defined(rule.rows[2].pValue ?? .nan), near: 0.11755177641723435, relative: 1e-9)
    expect(.defined(rule.rows[2].correctedPValue ?? .nan), near: 2 * 0.11755177641723435, relative: 1e-9)
    // 0.8 · 0.35 = 0.28 has no exact rate in binary; in counts it is exactly four fifths.
    let exact = FourFifthsRule([("a", CountedShare(35, of: 100)), ("b", CountedShare(28, of: 100))])
    #expect(exact.rows.map(\.isBelowFourFifths) == [false, false])
  }

  @Test func fourFifthsWithNobodySelected() {
    let rule = FourFifthsRule([("a", CountedShare(0, of: 10)), ("b", CountedShare(0, of: 5))])
    #expect(rule.rows.allSatisfy { $0.impactRatio == .undefined("no row of any group is selected") })
    #expect(FourFifthsRule([]).rows.isEmpty)
    #expect(FourFifthsRule([("a", CountedShare(0, of: 0))]).rows[0].impactRatio.value == nil)
  }

  /// A thousand applicants of known sex and race, 19 of them (1.9 %) of race "few", and three of unknown sex.
  static let sex = GroupColumn(
    name: "sex", groups: ["F", "M"], codes: (0..<1003).map { $0 >= 1000 ? -1 : Int32($0 % 2) })
  static let race = GroupColumn(
    name: "race", groups: ["few", "many"], codes: (0..<1003).map { $0 < 19 ? 0 : 1 })

  @Test func localLaw144OfSelections() throws {
    // Of each sex every second one, of the few all.
    let audit = LocalLaw144(selected: (0..<1003).map { $0 < 19 || $0 % 4 < 2 }, sex: Self.sex, race: Self.race)
    #expect(audit.tables.map(\.columns) == [["sex"], ["race"], ["sex", "race"]])
    #expect(audit.tables.map(\.unknownRows) == [3, 0, 3])
    #expect(audit.median == nil)
    let race = audit.tables[1].rows
    #expect(race.map(\.slice.description) == ["race = few", "race = many"])
    #expect(race.map(\.counted.whole) == [19, 984])
    #expect(race.map(\.isExcluded) == [true, false])
    #expect(race.map(\.rate.value) == [1, Double(race[1].counted.part) / 984])
    #expect(race[0].impactRatio == .undefined("the category has less than 2 % of the applicants"))
    #expect(race[1].impactRatio == .defined(1))
    let all = LocalLaw144(
      selected: (0..<1003).map { $0 < 19 || $0 % 4 < 2 }, sex: Self.sex, race: Self.race, leastShare: 0)
    #expect(all.tables[1].rows[0].impactRatio == .defined(1))
    #expect(all.tables[1].rows[1].impactRatio == all.tables[1].rows[1].rate)
    #expect(audit.tables[2].rows.map(\.isExcluded) == [true, false, true, false])
  }

  /// Median of 1, 2, 3, 4 is 2.5; of 1, 2, 2, 3 it is 2, and only strictly higher scores count.
  @Test func localLaw144OfScores() throws {
    let sex = GroupColumn(name: "sex", groups: ["F", "M"], codes: [0, 0, 1, 1])
    let race = GroupColumn(name: "race", groups: ["a"], codes: [0, 0, 0, -1])
    let audit = try #require(LocalLaw144(scores: [1.0, 2, 3, 4], sex: sex, race: race))
    #expect(audit.median == 2.5)
    #expect(audit.tables[0].rows.map(\.rate) == [.defined(0), .defined(1)])
    #expect(audit.tables[1].unknownRows == 1)
    let tied = try #require(LocalLaw144(scores: [1.0, 2, 2, 3], sex: sex, race: race))
    #expect(tied.median == 2)
    #expect(tied.tables[0].rows.map(\.counted.part) == [0, 1])
    #expect(LocalLaw144(scores: [1.0, .nan, 2, 3], sex: sex, race: race) == nil)
    let nobody = try #require(LocalLaw144(scores: [1.0, 1, 1, 1], sex: sex, race: race))
    #expect(nobody.tables[0].rows[0].impactRatio == .undefined("no applicant of any category counts"))
  }

  @Test func localLaw144WithoutApplicants() throws {
    let empty = GroupColumn(name: "sex", groups: ["F"], codes: [])
    let audit = LocalLaw144(selected: [], sex: empty, race: GroupColumn(name: "race", groups: ["a"], codes: []))
    #expect(audit.tables.allSatisfy { $0.rows.isEmpty && $0.unknownRows == 0 })
  }
}
