import TabularData
import Testing

@Suite struct CensusCounterfactualTests {
  let simulator = CensusSimulator()
  let rows = 0..<20_000
  let seed: UInt64 = 21

  /// Setting what a row has anyway changes nothing, for every column, hidden causes and half-used noise included.
  @Test(arguments: CensusSimulator.columnNames)
  func theActualValueIsTheIdentity(name: String) throws {
    let factual = simulator.rows(0..<300, seed: seed)
    let cells = spelled(try #require(factual[name]))
    let whole = spelled(factual)
    for row in 0..<300 where cells[row] != "?" {
      let same = try simulator.counterfactual(of: row..<row + 1, seed: seed, setting: [name: cells[row]])
      try #require(spelled(same) == [whole[row]])
    }
  }

  @Test func onlyDescendantsOfSexChange() throws {
    let descendants = try #require(simulator.descendants(of: "sex"))
    #expect(
      descendants == [
        "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship",
        "capital-gain", "capital-loss", "hours-per-week", "income",
      ])
    let factual = simulator.rows(rows, seed: seed)
    let female = try simulator.counterfactual(of: rows, seed: seed, setting: ["sex": "Female"])
    for (before, after) in zip(factual.columns, female.columns) where before.name != "sex" {
      #expect((before == after) == !descendants.contains(before.name), "column \(before.name)")
    }
    #expect(Set(spelled(try #require(female["sex"]))) == ["Female"])
    #expect(!spelled(try #require(female["relationship"])).contains("Husband"))
  }

  @Test func descendantsAndParentsFollowTheGraph() {
    #expect(simulator.descendants(of: "income") == [])
    #expect(simulator.descendants(of: "education-num") == [])
    #expect(simulator.parents(of: "education-num") == ["education"])
    #expect(simulator.parents(of: "native-country") == ["race"])
    #expect(simulator.parents(of: "age") == [])
    #expect(simulator.descendants(of: "stratum") == nil && simulator.parents(of: "gender") == nil)
  }

  /// Sex changes some people's income, in both directions of setting and mostly upwards for men.
  @Test func incomeFlipsAreNotTrivial() throws {
    let female = try simulator.counterfactual(of: rows, seed: seed, setting: ["sex": "Female"])
    let male = try simulator.counterfactual(of: rows, seed: seed, setting: ["sex": "Male"])
    let asFemale = spelled(try #require(female["income"])).map { $0 == ">50K" }
    let asMale = spelled(try #require(male["income"])).map { $0 == ">50K" }
    let up = zip(asFemale, asMale).count { !$0 && $1 }
    let down = zip(asFemale, asMale).count { $0 && !$1 }
    #expect(up > rows.count / 20 && up < rows.count / 2, "\(up) of \(rows.count) earn more as men")
    #expect(down > 0 && down < up / 2, "\(down) of \(rows.count) earn more as women")
  }

  /// Every row is the one or the other, so it equals one of its two counterfactuals.
  @Test func theFactualRowIsOneOfTheTwo() throws {
    let factual = simulator.rows(rows, seed: seed)
    let female = spelled(try simulator.counterfactual(of: rows, seed: seed, setting: ["sex": "Female"]))
    let male = spelled(try simulator.counterfactual(of: rows, seed: seed, setting: ["sex": "Male"]))
    let sexes = spelled(try #require(factual["sex"]))
    let chosen = rows.map { sexes[$0] == "Female" ? female[$0] : male[$0] }
    #expect(firstDifference(spelled(factual), chosen) == nil)
  }

  /// A number with a band of its own code keeps to the value that was set, and income follows.
  @Test func numbersCanBeSet() throws {
    let setting = ["capital-gain": "99999", "hours-per-week": "41", "fnlwgt": "100001", "age": "50"]
    let rich = try simulator.counterfactual(of: 0..<2000, seed: seed, setting: setting)
    for (name, value) in setting { #expect(Set(spelled(try #require(rich[name]))) == [value]) }
    let share = spelled(try #require(rich["income"])).count { $0 == ">50K" }
    #expect(share > 1600)
    #expect(
      rich.source
        == "census simulator, seed 21, set age = 50, capital-gain = 99999, fnlwgt = 100001, hours-per-week = 41")
  }

  @Test(arguments: [
    (
      ["gender": "Female"],
      "census simulator: There is no column 'gender'. The columns are age, workclass, fnlwgt, education, education-num, "
        + "marital-status, occupation, relationship, race, sex, capital-gain, capital-loss, hours-per-week, "
        + "native-country, income."
    ),
    (
      ["stratum": "Female, White", "sex": "male"],
      "census simulator, column 'sex': The value 'male' cannot be set. Known are Female, Male."
    ),
    (
      ["workclass": "?"],
      "census simulator, column 'workclass': The value '?' cannot be set. Known are Federal-gov, Local-gov, "
        + "Never-worked, Private, Self-emp-inc, Self-emp-not-inc, State-gov, Without-pay."
    ),
    (
      ["age": "16"], "census simulator, column 'age': The value '16' cannot be set. Known are 17 to 88, 90."
    ),
    (
      ["education-num": "9.5"],
      "census simulator, column 'education-num': The value '9.5' cannot be set. Known are 1 to 16."
    ),
    (
      ["fnlwgt": "-1"],
      "census simulator, column 'fnlwgt': The value '-1' cannot be set. "
        + "Known are the whole numbers from 12285 to 1484705."
    ),
    (
      ["hours-per-week": "0"],
      "census simulator, column 'hours-per-week': The value '0' cannot be set. Known are 1 to 68, 70, 72 to 78, "
        + "80 to 82, 84 to 92, 94 to 99."
    ),
    (
      ["income": ""], "census simulator, column 'income': The value '' cannot be set. Known are <=50K, >50K."
    ),
  ])
  func unknownColumnsAndValuesAreNamed(setting: [String: String], message: String) {
    let error = #expect(throws: DataError.self) {
      try simulator.counterfactual(of: 0..<1, seed: 1, setting: setting)
    }
    #expect(error?.description == message)
    #expect(error?.kind == .badData)
  }
}
