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

/// `equipoise compare`: several methods on the same rows.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Hold methods side by side: each at the values of its knob, with several seeds.",
    discussion: """
      Reads a file with a list of methods, each a configuration with a knob, and runs all of them on the same rows. \
      Prints means and intervals over the seeds; the most accurate point of each method under a bound is chosen by \
      validation rows, and reported on test rows. The record, and a drawing of all points, go to a folder of their own. \
      The runs behind the points are not kept: each can be repeated with the settings that the record gives.
      """)

  @Argument(help: "The comparison.", completion: .file(extensions: ["json"]))
  var config: String

  @Option(
    help: ArgumentHelp("In the place of the file's seeds.", discussion: "Such as 1...5 or 1,2,5.", valueName: "seeds"),
    transform: SeedList.init(parsing:))
  var seeds: SeedList?

  @Option(help: ArgumentHelp("The folder of the records.", valueName: "folder"), completion: .directory)
  var output: String?

  @Option(help: "How many runs go on at the same time. Default: one for each processor.")
  var jobs: Int?

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: "Write the drawing here too.", completion: .file(extensions: ["svg"]))
  var svg: String?

  @Flag(name: .shortAndLong, help: "Show no progress and no notes; the record has the notes.")
  var quiet = false

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs should be at least 1, found \(jobs).") }
  }

  func run() throws {
    try exitingOnFailure {
      let plan = try ComparisonPlan(path: config, seeds: seeds?.seeds ?? [], output: output)
      if let svg { try FrontierFolder.checkFile(svg) }
      Interruption.listen()
      let display = Mutex(ProgressDisplay.standard(quiet: quiet))
      display.withLock { $0.begin() }
      let result = try ComparisonRunner(
        plan, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, isCancelled: { Interruption.isRequested }
      ).run { record in
        [("comparison.svg", record.plot.svg)]
      } onEnd: { ended, total in
        display.withLock { $0.update("comparison", completed: ended, total: total) }
      }
      display.withLock { display in
        display.finish()
        for notice in result.record.notices { display.note(notice) }
      }
      if let svg { try FrontierFolder.writeFile(result.record.plot.svg, to: svg) }
      if json {
        Console.write(
          JSON.object([.init("folder", .string(result.folder.path))] + (result.record.json.members ?? [])).serialized())
      } else {
        Console.write(
          MethodComparisonText(result.record, isUnicode: Console.isUnicode).text
            + "\nRecords: \(TerminalText.neutralized(result.folder.path))\n")
      }
    }
  }
}
