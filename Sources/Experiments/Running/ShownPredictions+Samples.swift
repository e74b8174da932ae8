import RunRecords

extension ExperimentRunner.ShownPredictions {
  /// The scores before and after the game, of all rows and of each group, for pictures of how they are distributed.
  func samples(_ training: TrainingConfiguration) -> [ScoreSample] {
    let start = training.classifierEpochs
    let end = start + training.adversaryEpochs + training.gameEpochs
    var samples: [ScoreSample] = []
    for (epoch, scores) in [(start, before), (end, after)] {
      samples.append(ScoreSample(split, epoch: epoch, scores: scores))
      for attribute in attributes {
        for (code, group) in attribute.groups.enumerated() {
          let chosen = zip(scores, attribute.codes).filter { $1 == Int32(code) }.map(\.0)
          samples.append(ScoreSample("\(split)/\(attribute.name)/\(group)", epoch: epoch, scores: chosen))
        }
      }
    }
    return samples
  }
}
