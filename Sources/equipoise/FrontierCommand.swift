import ArgumentParser
import Experiments
import OrderedJSON
import Reporting
import RunRecords
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `equipoise frontier`: what accuracy costs at several bounds, or at several λ.
struct FrontierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frontier", abstract: "Show what accuracy parity costs: one experiment at several bounds or lambdas.",
    discussion: """
      Varies the bound of conditions in constraints.require (--bounds), or lambda of the game (--lambda), with several \
      seeds. Prints means and intervals over the seeds, the Pareto set, its knee and the cheapest point that meets the \
      configuration's own conditions, all chosen by rows that are not test rows; the records go to a folder of their \
      own under the configuration's output folder. The runs behind the points are not kept: each can be repeated with \
      the settings that are shown.
      """)

  @Argument(help: "The configuration.", completion: .file(extensions: ["json"]))
  var config: String

  @OptionGroup var overrides: OverrideOptions

  // A negative number is told to be none that fits, not taken for an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The bounds of the targets.", discussion: "Such as 0.2,0.1,0.05.", valueName: "numbers"))
  var bounds: NumberList?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Which condition's bound is varied, by its expression; may be repeated.",
      discussion: "Such as 'demographic_parity_difference(sex)'. Default: all, where they are on the same metric.",
      valueName: "expression"))
  var target: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The values of lambda, of the attribute with the greatest; the others keep their proportion to it.",
      discussion: "Such as 0,10,30,100, or sex=0,10,30 for one attribute alone.", valueName: "numbers"))
  var lambda: LambdaList?

  @Option(
    help: ArgumentHelp(
      "What accuracy is traded for, with --lambda. Default: the smallest p%-rule.", valueName: "expression"))
  var metric: String?

  @Option(
    help: ArgumentHelp("Run with each of these seeds.", discussion: "Such as 1...5 or 1,2,5.", valueName: "seeds"),
    transform: SeedList.init(parsing:))
  var seeds: SeedList?

  @Option(help: "How many runs go on at the same time. Default: one for each processor.")
  var jobs: Int?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print the points as CSV.")
  var csv = false

  @Option(help: "Write the drawing here too.", completion: .file(extensions: ["svg"]))
  var svg: String?

  @Flag(name: .shortAndLong, help: "Show no progress and no notes; the record has the notes.")
  var quiet = false

  func validate() throws {
    if (bounds == nil) == (lambda == nil) { throw ValidationError("Give --bounds or --lambda, one of them.") }
    if !target.isEmpty && bounds == nil { throw ValidationError("--target goes with --bounds.") }
    if metric != nil && lambda == nil { throw ValidationError("--metric goes with --lambda.") }
    if seeds != nil && overrides.seed != nil { throw ValidationError("Give --seed or --seeds, not both.") }
    if json && csv { throw ValidationError("Give --json or --csv, not both.") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs should be at least 1, found \(jobs).") }
  }

  func run() throws {
    try exitingOnFailure {
      let request: FrontierPlan.Request =
        if let lambda { .lambda(attribute: lambda.attribute, values: lambda.values) } else {
          .bounds(targets: target, values: bounds?.values ?? [])
        }
      let plan = try FrontierPlan(
        path: config, overrides: try overrides.list(), request, metric: metric, seeds: seeds?.seeds ?? [])
      if let svg { try FrontierFolder.checkFile(svg) }
      Interruption.listen()
      let display = Mutex(ProgressDisplay.standard(quiet: quiet))
      display.withLock { $0.begin() }
      let result = try FrontierRunner(
        plan, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, isCancelled: { Interruption.isRequested }
      ).run { record in
        [("frontier.svg", record.plot.svg), ("frontier.csv", record.csv)]
      } onEnd: { ended, total in
        display.withLock { $0.update("frontier", completed: ended, total: total) }
      }
      display.withLock { display in
        display.finish()
        for notice in result.record.notices { display.note(notice) }
      }
      if let svg { try FrontierFolder.writeFile(result.record.plot.svg, to: svg) }
      if json {
        Console.write(
          JSON.object([.init("folder", .string(result.folder.path))] + (result.record.json.members ?? [])).serialized())
      } else if csv {
        Console.write(result.record.csv)
      } else {
        Console.write(
          FrontierText(result.record, isUnicode: Console.isUnicode).text
            + "\nRecords: \(TerminalText.neutralized(result.folder.path))\n")
      }
    }
  }
}

/// Numbers with commas between them: `0.2,0.1,0.05`.
struct NumberList: ExpressibleByArgument {
  /// The most numbers of one option.
  private static let most = 1000

  let values: [Double]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { part -> Double? in
      var text = Substring(part)
      while text.first == " " { text.removeFirst() }
      while text.last == " " { text.removeLast() }
      return Double(text)
    }
    guard values.count == parts.count, values.count <= Self.most else { return nil }
    self.values = values
  }
}

/// Values of λ: `0,1,3`, or of one attribute `sex=0,1,3`.
struct LambdaList: ExpressibleByArgument {
  let attribute: String?
  let values: [Double]

  init?(argument: String) {
    var numbers = Substring(argument)
    if let equals = argument.lastIndex(of: "=") {
      attribute = String(argument[..<equals])
      numbers = argument[argument.index(after: equals)...]
      if attribute?.isEmpty == true { return nil }
    } else {
      attribute = nil
    }
    guard let list = NumberList(argument: String(numbers)) else { return nil }
    values = list.values
  }
}
