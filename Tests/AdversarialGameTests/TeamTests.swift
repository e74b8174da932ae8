import AdversarialGame
import Foundation
import LinearAlgebra
import NeuralNetworks
import Synchronization
import TabularData
import Testing

/// Trainings that several processes carry out together, here threads that stand for them: the results are to the bit
/// those of one.
@Suite struct TeamTests {
  /// The ranks of a team in one process.
  private final class Table: @unchecked Sendable {
    let size: Int
    private let condition = NSCondition()
    private var arrived = 0
    private var round = 0
    private var bytes: [UInt8] = []

    init(size: Int) { self.size = size }

    /// All ranks lay down their part of `count` bytes, and take up the whole.
    func exchange(_ memory: UnsafeMutableRawPointer, _ count: Int, own: Range<Int>) {
      condition.lock()
      defer { condition.unlock() }
      if arrived == 0 { bytes = [UInt8](repeating: 0, count: count) }
      for place in own { bytes[place] = memory.load(fromByteOffset: place, as: UInt8.self) }
      wait()
      for place in 0..<count { memory.storeBytes(of: bytes[place], toByteOffset: place, as: UInt8.self) }
      wait()
    }

    private func wait() {
      arrived += 1
      let present = round
      if arrived == size {
        arrived = 0
        round += 1
        condition.broadcast()
      }
      while round == present { condition.wait() }
    }
  }

  private final class Rank: Team {
    let rank: Int
    var size: Int { table.size }
    private let table: Table

    init(_ rank: Int, of table: Table) {
      self.rank = rank
      self.table = table
    }

    func gather(_ memory: UnsafeMutableRawPointer, parts: [Range<Int>]) {
      table.exchange(memory, parts.map(\.upperBound).max() ?? 0, own: parts[rank])
    }

    func broadcast(_ memory: UnsafeMutableRawBufferPointer) {
      guard let start = memory.baseAddress else { return }
      table.exchange(start, memory.count, own: rank == 0 ? 0..<memory.count : 0..<0)
    }
  }

  /// What a training comes to.
  private struct Course: Equatable {
    var classifier: [UInt32]
    var adversary: [UInt32]?
    var scores: [[Float]]
    var reports: [EpochReport]
    var states: [GameState]
  }

  private static let training = GameFixtures.dataset(rows: 5000, attributes: 2, missing: 9, seed: 3)
  private static let test = GameFixtures.dataset(rows: 300, attributes: 2, seed: 4)

  private static func course(
    _ settings: GameSettings, _ adversary: any Adversary, from start: GameState? = nil, team: (any Team)? = nil
  ) throws -> Course {
    let trainer = try GameTrainer(
      network: GameFixtures.network, adversary: adversary, objective: GameObjective(lambda: [1.5, 0.5]),
      splits: [("train", training), ("test", test)], settings: settings, seed: 5, team: team)
    if let start { try trainer.resume(start) }
    var reports: [EpochReport] = []
    var states: [GameState] = []
    let outcome = try trainer.train {
      reports.append($0)
      return .proceed
    } isStateDue: { _, _ in
      true
    } onState: {
      states.append($0)
    }
    return Course(
      classifier: outcome.classifierBits, adversary: outcome.adversaryBits,
      scores: outcome.pretrainedScores + outcome.finalScores, reports: reports, states: states)
  }

  /// The course of a training with `size` ranks, as the first of them sees it.
  private static func course(
    ranks size: Int, _ settings: GameSettings, _ make: @escaping @Sendable () -> any Adversary,
    from start: GameState? = nil
  ) throws -> Course {
    let table = Table(size: size)
    let results = Mutex<[Int: Result<Course, any Error>]>([:])
    let group = DispatchGroup()
    for rank in 0..<size {
      group.enter()
      let thread = Thread {
        let result = Result { try course(settings, make(), from: start, team: Rank(rank, of: table)) }
        results.withLock { $0[rank] = result }
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    let all = results.withLock { $0 }
    let first = try #require(try all[0]?.get())
    for rank in 1..<size {
      let other = try #require(try all[rank]?.get())
      #expect(other.classifier == first.classifier && other.adversary == first.adversary, "rank \(rank)")
      #expect(other.reports.isEmpty && other.states.isEmpty, "only the first rank reports")
    }
    return first
  }

  /// Batches of several parts, of which the last is smaller, and batches of one part; every rule, both orders of moves.
  @Test(
    arguments: [
      (4100, GameSettings.ClassifierBatch.all, GameTurns.passes, ClassifierUpdate.combined),
      (2048, .last, .passes, .projected(.allParameters)), (2500, .full, .passes, .combined),
      (4096, .random, .batches, .projected(.eachTensor)), (64, .last, .passes, .combined),
    ])
  func anyNumberOfRanksGivesTheSameBits(
    batchSize: Int, batch: GameSettings.ClassifierBatch, turns: GameTurns, update: ClassifierUpdate
  ) throws {
    var settings = GameFixtures.settings
    settings.batchSize = batchSize
    settings.dropLast = false
    settings.classifierBatch = batch
    settings.turns = turns
    settings.update = update
    settings.diagnosesGradients = true
    settings.classifierOptimizer = OptimizerSettings(.adam(), learningRate: 0.01, gradientClip: 0.5)
    let attributes = SensitiveAttribute.attributes(of: Self.training.sensitive)
    for makes in [
      { PredictionAdversary(attributes: attributes, hidden: [8], dropout: 0.3) },
      { HiddenLayerAdversary(attributes: attributes, width: 8, hidden: [4], loss: .absolute) },
    ] as [@Sendable () -> any Adversary] {
      let alone = try Self.course(settings, makes())
      #expect(alone.states.count == 8 && alone.reports.count == 8)
      for ranks in [1, 2, 3, 4] {
        let shared = try Self.course(ranks: ranks, settings, makes)
        #expect(shared == alone, "\(ranks) ranks")
      }
      // Kept by two ranks, gone on with by four, and alone.
      let middle = alone.states[4]
      let rest = try Self.course(ranks: 4, settings, makes, from: middle)
      #expect(rest.classifier == alone.classifier && rest.scores == alone.scores)
      #expect(rest.states == Array(alone.states.dropFirst(5)))
    }
  }

  /// What one process is told to stop for, or fails with, ends all of them.
  @Test func theFirstRankDecidesForAll() throws {
    struct Full: Error {}
    for fails in [true, false] {
      let table = Table(size: 3)
      let ends = Mutex<[String]>([])
      let group = DispatchGroup()
      for rank in 0..<3 {
        group.enter()
        Thread {
          defer { group.leave() }
          do {
            let attributes = SensitiveAttribute.attributes(of: Self.training.sensitive)
            let trainer = try GameTrainer(
              network: GameFixtures.network, adversary: PredictionAdversary(attributes: attributes, hidden: [8]),
              objective: GameObjective(lambda: [1, 1]), splits: [("train", Self.training)],
              settings: GameFixtures.settings, seed: 5, team: Rank(rank, of: table))
            let outcome = try trainer.train { report in
              guard report.phase == .game, report.epoch == 2 else { return .proceed }
              if fails { throw Full() }
              return .stop
            }
            ends.withLock { $0.append(outcome.wasStopped ? "stopped" : "finished") }
          } catch {
            ends.withLock { $0.append("\(type(of: error))") }
          }
        }.start()
      }
      group.wait()
      #expect(
        ends.withLock { $0.sorted() }
          == (fails ? ["Full", "TeamEnded", "TeamEnded"] : ["stopped", "stopped", "stopped"]))
    }
  }

  /// What fails on some ranks is thrown on the first of them; the others only learn that it is over.
  @Test func whatIsWrongIsToldOnce() {
    struct Wrong: Error {}
    for wrong in [[], [1], [0, 1, 2], [2, 1]] as [Set<Int>] {
      let table = Table(size: 3)
      let ends = Mutex<[Int: String]>([:])
      let group = DispatchGroup()
      for rank in 0..<3 {
        group.enter()
        Thread {
          defer { group.leave() }
          let result = Result {
            try Rank(rank, of: table).together {
              if wrong.contains(rank) { throw Wrong() }
              return "ready"
            }
          }
          ends.withLock {
            $0[rank] =
              switch result {
              case .success(let text): text
              case .failure(let error): "\(type(of: error))"
              }
          }
        }.start()
      }
      group.wait()
      let expected = (0..<3).map { wrong.isEmpty ? "ready" : $0 == wrong.min() ? "Wrong" : "TeamEnded" }
      #expect(ends.withLock { found in (0..<3).map { found[$0] } } == expected)
    }
  }
}
