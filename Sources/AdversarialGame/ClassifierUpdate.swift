/// What the classifier makes of two gradients: g_y of its own loss, and g_z of the adversary's.
public enum ClassifierUpdate: Sendable, Hashable {
  /// It descends `L_y − Σⱼ dⱼ·L_z,ⱼ`: the article's game, and gradient reversal.
  case combined

  /// It descends along `g_y − proj_{g_z}(g_y) − Σⱼ dⱼ·∇L_z,ⱼ`, where `g_z = ∇Σⱼ cⱼ·L_z,ⱼ` and
  /// `proj_b(a) = (a·b / b·b)·b`, 0 where b is 0.
  ///
  /// With one attribute and λ = α that is `g_y − proj_{g_z}(g_y) − α·g_z`. What descends L_y and L_z at once is taken out,
  /// so that no step helps the adversary; at λ = 0 the direction is orthogonal to g_z.
  ///
  /// - Source: Zhang, Lemoine and Mitchell (2018), arXiv:1801.07593, section 3; with several attributes the projection is
  ///   along the gradient of their joint loss.
  case projected(Projection)

  /// Over what the projection is taken. The formula means all parameters as one vector; the others reproduce what
  /// well-known libraries do.
  public enum Projection: Sendable, Hashable, CaseIterable {
    /// All parameters as one vector.
    case allParameters

    /// Weights and biases of each layer apart, as AIF360 0.6.1 and fairlearn 0.15.0 on TensorFlow compute it.
    ///
    /// The direction is orthogonal to g_z in each tensor, and so as a whole too; but more is taken out than the formula
    /// asks for, also where g_y and g_z agree in one layer and disagree in another.
    case eachTensor

    /// As `eachTensor`, with `Σₖₗ Σᵢ aᵢₖ·bᵢₗ` for the product of two matrices of weights `[inputs, outputs]`: what
    /// fairlearn 0.15.0 computes on PyTorch, where it takes `sum(inner(a, b))` for the product of their elements.
    ///
    /// That is another number wherever a layer has more than one output, and the direction keeps a part along g_z.
    case eachTensorByInnerSums
  }
}

/// In which order the players move in an epoch of the game.
public enum GameTurns: String, Sendable, Hashable, Codable, CaseIterable {
  /// A pass of the adversary over all rows, then the steps of the classifier.
  case passes

  /// One pass in which both players step on every mini-batch, by gradients that are taken before either moves.
  case batches
}

/// What the adversary's success is to be independent of: the criterion of parity that the game aims at.
public enum GameCriterion: String, Sendable, Hashable, Codable, CaseIterable {
  /// ŷ ⟂ z: the adversary plays on all rows.
  case demographicParity

  /// ŷ ⟂ z given y: the adversary may look at the label. Groups that are balanced are so under each label.
  case equalizedOdds

  /// ŷ ⟂ z given y = 1: the adversary plays on the rows with label 1 alone.
  case equalOpportunity
}
