import AdversarialGame
import ArgumentParser
import Experiments
import OrderedJSON
import Reporting
import RunRecords
import RunStore

/// `equipoise verify`: trains a run again and compares.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Train a run again and compare its records byte by byte.",
    discussion: """
      Equal configuration, rows, seed, binary and machine give equal bytes. Where something differs it is said what, by \
      how much, and what was not the same as then. Exit status: 0 all equal, 1 not.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false

  func run() throws {
    var isEqual = true
    try exitingOnFailure {
      Interruption.listen()
      var display = ProgressDisplay.standard(quiet: quiet)
      defer { display.finish() }
      let result = try RunVerifier(run: folder, isCancelled: { Interruption.isRequested }).verify { event in
        switch event {
        case .stage: display.begin()
        case .notice: break
        case .progress(let stage, let share): display.update(stage, share: share)
        case .epoch(let report, _, _):
          display.update(report.phase.rawValue, completed: report.epoch, total: report.plannedEpochs)
        case .iterate(let iterate, let total):
          display.update("iterations", completed: iterate.iteration, total: total)
        }
      }
      display.finish()
      isEqual = result.isEqual
      Console.write(json ? Self.json(result).serialized() : Self.text(result))
    }
    if !isEqual { throw ExitCode(1) }
  }

  private static func text(_ result: RunVerifier.Result) -> String {
    var lines = result.files.map { file in
      let outcome =
        switch file.outcome {
        case .equal(let bytes): "equal, \(TerminalText.grouped(bytes)) bytes"
        case .missing: "was not written this time"
        case .added: "was not written then"
        case .different(let place, let largest):
          "DIFFERS \(TerminalText.neutralized(place))" + (largest.map { "; numbers differ by at most \($0)" } ?? "")
        }
      return "  \(TerminalText.padded(file.name, to: 26))  \(outcome)"
    }
    if !result.others.isEmpty {
      let names = result.others.map(TerminalText.neutralized).joined(separator: ", ")
      lines.append("\nNo records of the training, and not compared: \(names)")
    }
    if result.isEqual {
      lines.append("\nEqual to the byte, trained again in \(TerminalText.duration(result.seconds)).")
    } else if result.reasons.isEmpty {
      lines.append(
        "\nNothing that is recorded of the machine and the rows differs. Either the records were changed after the "
          + "run, or this is a fault of Equipoise: then please report it.")
    } else {
      lines.append("\nWhat was not the same:")
      lines += result.reasons.map { "  " + TerminalText.neutralized($0) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func json(_ result: RunVerifier.Result) -> JSON {
    let files = result.files.map { file -> JSON in
      switch file.outcome {
      case .equal(let bytes):
        ["name": .string(file.name), "outcome": "equal", "bytes": .number(JSONNumber(bytes))]
      case .missing: ["name": .string(file.name), "outcome": "missing"]
      case .added: ["name": .string(file.name), "outcome": "added"]
      case .different(let place, let largest):
        [
          "name": .string(file.name), "outcome": "different", "place": .string(place),
          "largestDifference": largest.map { .number(JSONNumber($0)) } ?? .null,
        ]
      }
    }
    return [
      "equal": .bool(result.isEqual), "files": .array(files), "others": .array(result.others.map(JSON.string)),
      "reasons": .array(result.reasons.map(JSON.string)),
      "seconds": .number(JSONNumber(result.seconds)),
    ]
  }
}
