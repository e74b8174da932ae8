import TabularData
import Testing

/// Every refusal, word for word.
@Suite struct DataRefusalTests {
  // MARK: - Files

  struct FileCase: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var options = ReadingOptions()
    var format = CSVFormat()
    var expected: String
    var testDescription: String { expected }

    init(_ bytes: [UInt8], _ expected: String) {
      self.bytes = bytes
      self.expected = expected
    }

    init(
      _ text: String, options: ReadingOptions = ReadingOptions(), format: CSVFormat = CSVFormat(), _ expected: String
    ) {
      bytes = Array(text.utf8)
      self.options = options
      self.format = format
      self.expected = expected
    }
  }

  static let files = [
    FileCase("", "data.csv: is empty. Name a file with a header line and rows."),
    FileCase("\n \n\r\n", "data.csv: is empty. Name a file with a header line and rows."),
    FileCase("\u{feff}", "data.csv: is empty. Name a file with a header line and rows."),
    FileCase("a,b\n", "data.csv: has a header line and no rows. Name a file with rows."),
    FileCase(
      "|x\n", format: CSVFormat(columnNames: ["a"], comment: "|"), "data.csv: has no rows. Name a file with rows."),
    FileCase(
      "a,b\n1,2\n3\n",
      "data.csv:3: has 1 cell, where the header has 2. Add or remove cells, or quote those that hold a separator."),
    FileCase(
      "a,b\n\n\"1\n1\",2\n3,4,5\n",
      "data.csv:5: has 3 cells, where the header has 2. Add or remove cells, or quote those that hold a separator."),
    FileCase(
      "a,b\n1,\"2\n3,4\n",
      "data.csv:2: has a quotation mark that is never closed. Close it, or double it."),
    FileCase(
      "a,b\n1,\"2\"3\n",
      "data.csv:2: has text after a closing quotation mark. Double quotation marks that belong to a quoted cell."),
    FileCase(
      "a,,b\n1,2,3\n",
      "data.csv:1: column 2 has no name. Name it in the header (pandas leaves out its row numbers with index=False)."),
    FileCase(
      "a,b,a\n1,2,1\n1,2,3\n",
      "data.csv: names columns 1 and 3 both 'a', and they differ, first in data.csv:3. Rename one of them."),
    FileCase(
      "a\n1\n", format: CSVFormat(columnNames: ["x", "x"]),
      "data.csv: is given two columns named 'x'. Give each column a name of its own."),
    FileCase(
      "a\n1\n", format: CSVFormat(separator: "::"),
      "data.csv: cannot be cut at the separator '::'. Use one ASCII character."),
    FileCase(
      "age\n39\n50\nnan\n",
      "data.csv:4: column 'age' should be a number, found 'nan'. Correct the cell; or in a configuration list 'nan' as missing (data.missing.markers), or declare the column categorical (data.types)."
    ),
    FileCase(
      "age\n39\n-Inf\n50\n",
      "data.csv:3: column 'age' should be a number, found '-Inf'. Correct the cell; or in a configuration list '-Inf' as missing (data.missing.markers), or declare the column categorical (data.types)."
    ),
    FileCase(
      "age\n39\n1e999\n",
      "data.csv:3: column 'age' should be a number, found '1e999'. Correct the cell; or in a configuration list '1e999' as missing (data.missing.markers), or declare the column categorical (data.types)."
    ),
    FileCase(
      "age\n" + (1...20).map { "\($0)\n" }.joined() + "l7\n",
      "data.csv:22: column 'age' should be a number, found 'l7'. Correct the cell; or in a configuration list 'l7' as missing (data.missing.markers), or declare the column categorical (data.types)."
    ),
    FileCase(
      "age\nold\n7\n", options: ReadingOptions(types: ["age": .numeric]),
      "data.csv:2: column 'age' should be a number, found 'old'. Correct the cell; or in a configuration list 'old' as missing (data.missing.markers), or declare the column categorical (data.types)."
    ),
    FileCase(
      Array("a,b\n1,caf".utf8) + [0xe9, 0x0a],
      "data.csv:2: column 'b' holds bytes that are not UTF-8 text: 'caf\\xe9'. Save it as UTF-8."),
    FileCase(
      Array("a,b\n1,x".utf8) + [0, 0x0a],
      "data.csv:2: column 'b' holds bytes that are not UTF-8 text: 'x\\u{0}'. Save it as UTF-8."),
    FileCase(
      [0x61, 0xff, 0x0a, 0x31, 0x0a], "data.csv:1: names column 1 in bytes that are not UTF-8 text. Save it as UTF-8."),
    FileCase([0xff, 0xfe, 0x61, 0], "data.csv: is in UTF-16. Save it as UTF-8."),
    FileCase([0x50, 0x4b, 3, 4, 0], "data.csv: is a zip archive. Unpack it first."),
    FileCase(
      Array(GzipSample.two.dropLast(3)),
      "data.csv: is cut off: the gzip data end before their check sum. Fetch it again."),
    FileCase(
      GzipSample.two.prefix(10) + [0xff] + GzipSample.two.dropFirst(11),
      "data.csv: is not valid gzip (invalid block type). Fetch it again, or unzip it first."),
    FileCase(
      GzipSample.two.prefix(24) + [0xff] + GzipSample.two.dropFirst(25),
      "data.csv: is not valid gzip (incorrect data check). Fetch it again, or unzip it first."),
    FileCase(
      GzipSample.two + [1, 2, 3],
      "data.csv: is not valid gzip (incorrect header check). Fetch it again, or unzip it first."),
  ]

  @Test(arguments: files) func refusesFile(_ test: FileCase) throws {
    let found = try message { folder in
      _ = try CSVReader(format: test.format, options: test.options).read(folder.write(test.bytes))
    }
    #expect(found == test.expected)
  }

  @Test func refusesPaths() throws {
    #expect(
      try message { folder in _ = try CSVReader().read(folder.path + "/none.csv") }
        == "none.csv: does not exist. Check the path; a relative one starts at the current folder.")
    #expect(
      try message { folder in _ = try CSVReader().read(folder.write("a\n1\n".utf8, as: "sub/x") + "/..") }
        .hasSuffix("does not exist. Check the path; a relative one starts at the current folder."))
    #expect(
      try message { folder in
        _ = try folder.write("a\n1\n".utf8, as: "sub/x")
        _ = try CSVReader().read(folder.path + "/sub")
      } == "sub: is a folder. Name a file in it.")
  }

  @Test func tablesOfOtherColumnsDoNotJoin() throws {
    #expect(
      try message { folder in
        let tables = try CSVReader().read([
          folder.write("a,b\n1,2\n".utf8, as: "x"), folder.write("a\n1\n".utf8, as: "y"),
        ])
        _ = try Table.concatenating(tables)
      } == "y: has no column 'b', which x has. Give both files the same columns.")
  }

  // MARK: - Recipes

  /// Twelve rows in which every combination of label and group occurs.
  static let people = """
    id,age,sex,race,job,w,fold,income
    1,20,F,White,a,1,train,no
    2,25,M,White,b,1,train,yes
    3,30,F,Black,a,1,train,yes
    4,35,M,Black,c,1,train,no
    5,40,F,White,a,1,train,no
    6,45,M,White,b,1,train,yes
    7,50,F,Black,a,1,test,yes
    8,55,M,Black,c,1,test,no
    9,60,F,White,a,1,test,no
    10,65,M,White,b,1,test,yes
    11,70,F,Black,a,1,test,yes
    12,75,M,Black,c,1,test,no

    """

  static let recipe = DataRecipe(
    label: DataRecipe.Label(column: "income", positive: ["yes"]),
    sensitive: [DataRecipe.Sensitive(column: "sex", privileged: "M"), DataRecipe.Sensitive(column: "race")],
    drop: ["id", "w", "fold"],
    split: .fractions([.train: 0.5, .test: 0.5], stratify: .label, seed: 1))

  struct RecipeCase: Sendable, CustomTestStringConvertible {
    var text: String
    var change: @Sendable (inout DataRecipe) -> Void
    var expected: String
    var testDescription: String { expected }

    init(
      _ expected: String, text: String = DataRefusalTests.people,
      _ change: @escaping @Sendable (inout DataRecipe) -> Void = { _ in }
    ) {
      self.text = text
      self.change = change
      self.expected = expected
    }
  }

  static func replacing(_ old: String, _ new: String) -> String {
    people.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }

  static let recipes = [
    RecipeCase("data.csv: has no column 'incme'. Did you mean 'income'?") { $0.label.column = "incme" },
    RecipeCase(
      "data.csv: has no column 'xyzzy'. It has 'id', 'age', 'sex', 'race', 'job', 'w', 'fold', 'income'."
    ) { $0.drop = ["xyzzy"] },
    RecipeCase("data.csv: Missing demographic feature: 'Raze'. Did you mean 'race'?") {
      $0.sensitive[1].column = "Raze"
    },
    RecipeCase(
      "data.csv: Missing demographic feature: 'gender'. The table has 'id', 'age', 'sex', 'race', 'job', 'w', 'fold', "
        + "'income'."
    ) { $0.sensitive[0].column = "gender" },
    RecipeCase("data.csv: has no column 'wage'. Did you mean 'age'?") { $0.weights = "wage" },
    RecipeCase("data.csv: has no column 'folds'. Did you mean 'fold'?") { $0.split = .column("folds", values: nil) },
    RecipeCase("data.csv: has no column 'jobs'. Did you mean 'job'?") {
      $0.split = .fractions([.train: 0.5], stratify: .column("jobs"), seed: 1)
    },
    RecipeCase("data.csv: has no column 'Job'. Did you mean 'job'?") {
      $0.filters = [RowFilter(column: "Job", .among(["a"]))]
    },
    RecipeCase("data.csv: column 'income' is both the label and sensitive. Give it one role.") {
      $0.sensitive[0] = DataRecipe.Sensitive(column: "income")
    },
    RecipeCase(
      "data.csv: column 'sex' is both sensitive and dropped. Sensitive columns are no features anyway: do not drop it."
    ) { $0.drop.append("sex") },
    RecipeCase("data.csv: column 'income' is both the label and dropped. Do not drop it.") { $0.drop.append("income") },
    RecipeCase("data.csv: column 'sex' is sensitive twice. Name it once.") { $0.sensitive.append($0.sensitive[0]) },
    RecipeCase("data.csv: column 'sex' of row weights is also the label or sensitive. Name another column.") {
      $0.weights = "sex"
    },
    RecipeCase("data.csv: column 'race' of the split is also the label or sensitive. Name another column.") {
      $0.split = .column("race", values: nil)
    },
    RecipeCase(
      "data.csv: no feature is left beside the label, sensitive and dropped columns. Drop fewer."
    ) { $0.drop = ["id", "age", "job", "w", "fold"] },
    RecipeCase(
      "data.csv: no feature is left: every column beside the label, sensitive and dropped ones has one category, and "
        + "data.encoding.dropFirst drops it. Drop fewer columns, or set data.encoding.dropFirst to false.",
      text: replacing(",b,", ",a,").replacing(",c,", with: ",a,")
    ) {
      $0.drop = ["id", "age", "w", "fold"]
      $0.encoding.dropFirst = true
    },
    RecipeCase(
      "data.csv: label 'income' has one value, 'no', in the 12 rows kept. A classifier needs two classes: check the "
        + "label's name and the filters.", text: replacing("yes", "no")),
    RecipeCase(
      "data.csv: label 'job' has 3 values: 'a', 'b', 'c'. Name those that count as positive."
    ) { $0.label = DataRecipe.Label(column: "job") },
    RecipeCase("data.csv: label 'income' never has the positive value 'Yes'. It has 'no', 'yes'.") {
      $0.label.positive = ["Yes"]
    },
    RecipeCase("data.csv: label 'income' is positive in every row: 'no', 'yes' all count as positive. Leave one out.") {
      $0.label.positive = ["yes", "no"]
    },
    RecipeCase(
      "data.csv:4: label 'income' is missing. Complete the cell, or take the row out of the file.",
      text: replacing("1,train,yes\n4", "1,train,\n4")),
    RecipeCase(
      "data.csv: sensitive column 'sex' has one group, 'M', in the 12 rows kept. Comparing groups needs two: check the "
        + "groups kept and the filters.", text: replacing(",F,", ",M,")),
    RecipeCase(
      "data.csv: sensitive column 'sex' is missing in every row. Name another column.",
      text: replacing(",F,", ",,").split(separator: ",M,", omittingEmptySubsequences: false).joined(separator: ",,")),
    RecipeCase("data.csv: sensitive column 'sex' never has the privileged group 'Male'. It has 'F', 'M'.") {
      $0.sensitive[0].privileged = "Male"
    },
    RecipeCase("data.csv: sensitive column 'race' never has the group 'Green' to keep. It has 'Black', 'White'.") {
      $0.sensitive[1].keep = ["White", "Green"]
    },
    RecipeCase(
      "data.csv: sensitive column 'age' has 12 different numbers, from 20 to 75. Cut it into groups by bins, or declare "
        + "it categorical (data.types)."
    ) { $0.sensitive[0] = DataRecipe.Sensitive(column: "age") },
    RecipeCase("data.csv: sensitive column 'sex' has bins, and is not numeric. Leave out the bins.") {
      $0.sensitive[0].bins = [18]
    },
    RecipeCase(
      "data.csv: sensitive column 'age' has the bins [40, 18]. Name at least one boundary, in rising order."
    ) { $0.sensitive[0] = DataRecipe.Sensitive(column: "age", bins: [40, 18]) },
    RecipeCase("data.csv: the filter on column 'job' leaves no row of 12. Loosen it.") {
      $0.filters = [RowFilter(column: "job", .among(["z"]))]
    },
    RecipeCase(
      "data.csv: column 'job' is not numeric, and the filter asks for a range. Declare it numeric, or filter by values."
    ) { $0.filters = [RowFilter(column: "job", .between(0, 1))] },
    RecipeCase("data.csv: the split (train 0.7, test 0.5) adds up to 1.2. Shares may add up to 1 at most.") {
      $0.split = .fractions([.train: 0.7, .test: 0.5], stratify: .none, seed: 1)
    },
    RecipeCase("data.csv: the split gives test the share -0.5. A share is above 0 and at most 1.") {
      $0.split = .fractions([.train: 0.5, .test: -0.5], stratify: .none, seed: 1)
    },
    RecipeCase("data.csv: the split (test 0.5) has no train part. Give train a share.") {
      $0.split = .fractions([.test: 0.5], stratify: .none, seed: 1)
    },
    RecipeCase("data.csv: the train split is empty: 12 rows are to be divided. Give it a larger share.") {
      $0.split = .fractions([.train: 0.01, .test: 0.5], stratify: .none, seed: 1)
    },
    RecipeCase(
      "data.csv: the test split of 1 rows has none with label 'income' 'yes'. Give it more rows, or stratify by 'income'."
    ) { $0.split = .fractions([.train: 0.95, .test: 0.05], stratify: .none, seed: 2) },
    RecipeCase(
      "data.csv: the test split of 6 rows has none with 'sex' 'F'. Give it more rows, or divide the rows in another way.",
      text: replacing("F,Black,a,1,test", "M,Black,a,1,test").replacing("F,White,a,1,test", with: "M,White,a,1,test")
    ) { $0 = byFold($0) },
    RecipeCase(
      "data.csv: column 'fold' gives no row to the train split. It has 'learn', 'test'.",
      text: replacing("train", "learn")
    ) { $0 = byFold($0, values: [.test: ["test"]]) },
    RecipeCase(
      "data.csv: column 'fold' never says 'tests' for the test split. It has 'test', 'train'."
    ) { $0 = byFold($0, values: [.train: ["train"], .test: ["tests"]]) },
    RecipeCase(
      "data.csv: column 'fold': 'train' means both the train and the test split. Give it to one."
    ) { $0 = byFold($0, values: [.train: ["train"], .test: ["train"]]) },
    RecipeCase("data.csv: is one table, and the split wants one per part. Name a file for each part.") {
      $0.split = .tables
    },
    RecipeCase(
      "data.csv: column 'id' has 12 values in 12 rows, too many to stratify by. Name a column with few values."
    ) { $0.split = .fractions([.train: 0.5, .test: 0.5], stratify: .column("id"), seed: 1) },
    RecipeCase("data.csv: column 'job' of row weights is not numeric. Name another column.") { $0.weights = "job" },
    RecipeCase(
      "data.csv:3: the row weight in column 'w' is -1. Weights are numbers from 0 to 3e38.",
      text: replacing("b,1,train,yes\n3", "b,-1,train,yes\n3")
    ) {
      $0 = byFold($0)
      $0.drop = ["id"]
      $0.weights = "w"
    },
    RecipeCase(
      "data.csv: every row weight of the train split is 0. Name another column of weights.",
      text: replacing(",1,train", ",0,train")
    ) {
      $0 = byFold($0)
      $0.drop = ["id"]
      $0.weights = "w"
    },
    RecipeCase(
      "data.csv: column 'id' has 12 categories in 12 rows, more than 5. Drop it, or declare it numeric.",
      text: replacing("\n", "\nn").split(separator: "\nn").joined(separator: "\nn") + "\n"
    ) {
      $0.drop = ["w", "fold"]
      $0.encoding.maximumCategories = 5
    },
    RecipeCase(
      "data.csv: column 'age' has no number in any of the 6 training rows. Drop it.",
      text: people.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.contains(",train,")
          ? line.split(separator: ",").enumerated().map { $0 == 1 ? "" : String($1) }.joined(separator: ",")
          : String(line)
      }.joined(separator: "\n")
    ) { $0 = byFold($0) },
    RecipeCase(
      "data.csv: column 'age' has numbers too large to be squared. Rescale it, or drop it.",
      text: replacing(",20,", ",1e300,")
    ) { $0 = byFold($0) },
    RecipeCase(
      "data.csv:2: column 'age' has a number too large for a feature. Check it, or standardise the column.",
      text: replacing(",20,", ",1e300,")
    ) {
      $0 = byFold($0)
      $0.encoding.standardize = .none
    },
  ]

  static func byFold(_ recipe: DataRecipe, values: [SplitName: [String]]? = nil) -> DataRecipe {
    var recipe = recipe
    recipe.drop = ["id", "w"]
    recipe.split = .column("fold", values: values)
    return recipe
  }

  @Test(arguments: recipes) func refusesRecipe(_ test: RecipeCase) throws {
    var recipe = Self.recipe
    test.change(&recipe)
    let found = try message { folder in
      _ = try recipe.prepare(CSVReader().read(folder.write(test.text.utf8)))
    }
    #expect(found == test.expected)
  }

  // MARK: - New data

  @Test func newDataMustHaveTheFeatures() throws {
    #expect(
      try message { folder in
        let table = try CSVReader().read(folder.write(Self.people.utf8))
        let encoder = try Self.recipe.prepare(table).encoder
        _ = try encoder.encode(CSVReader().read(folder.write("job,sex\na,F\n".utf8, as: "new.csv")))
      }
        == "new.csv: lacks the column 'age', which the encoder was fitted on. "
        + "Give new data all the feature columns of the training data.")
    #expect(
      try message { folder in
        let table = try CSVReader().read(folder.write(Self.people.utf8))
        let encoder = try Self.recipe.prepare(table).encoder
        _ = try encoder.encode(CSVReader().read(folder.write("job,age\na,old\n".utf8, as: "new.csv")))
      }
        == "new.csv: column 'age' is categorical, and the encoder was fitted on it as numeric. "
        + "Read it with the schema of the training data.")
  }
}
