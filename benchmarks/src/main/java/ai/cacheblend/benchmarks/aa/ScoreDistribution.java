package ai.cacheblend.benchmarks.aa;

import java.util.Locale;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Distributions of the scores of one sample, with a given mean loss: baseline minus arm. Losses
 * from 0 to 0.1 keep every probability and score in [0, 1].
 */
enum ScoreDistribution {
  /** The baseline always scores 1; the arm scores 0 with the probability of the loss. */
  SPARSE_TOTAL_LOSSES {
    @Override
    Pair draw(UniformRandomProvider random, double loss) {
      return new Pair(1, random.nextDouble() < loss ? 0 : 1);
    }
  },

  /** The baseline scores 0 on 60 % of the samples; the arm fails some of the others. */
  ZERO_INFLATED {
    private static final double ZERO_SHARE = 0.6;
    private static final double MEAN_NONZERO = 0.75;

    @Override
    Pair draw(UniformRandomProvider random, double loss) {
      if (random.nextDouble() < ZERO_SHARE) {
        return new Pair(0, 0);
      }
      double full = MEAN_NONZERO - 0.25 + 0.5 * random.nextDouble();
      double failShare = loss / ((1 - ZERO_SHARE) * MEAN_NONZERO);
      return new Pair(full, random.nextDouble() < failShare ? 0 : full);
    }
  },

  /** Right or wrong answers; 90 % and more are equal, the others are wins and losses. */
  TIES {
    private static final double WIN_SHARE = 0.04;

    @Override
    Pair draw(UniformRandomProvider random, double loss) {
      double u = random.nextDouble();
      if (u < WIN_SHARE) {
        return new Pair(0, 1);
      }
      if (u < 2 * WIN_SHARE + loss) {
        return new Pair(1, 0);
      }
      return random.nextDouble() < 0.7 ? new Pair(1, 1) : new Pair(0, 0);
    }
  },

  /** F1 of short answers: 1, 2/3 or 0; the arm gives another answer to 30 % of the samples. */
  NEAR_BINARY_F1 {
    private static final double RIGHT = 0.55;
    private static final double PARTLY = 0.2;
    private static final double CHANGED_SHARE = 0.3;

    @Override
    Pair draw(UniformRandomProvider random, double loss) {
      double full = score(random, RIGHT);
      boolean changed = random.nextDouble() < CHANGED_SHARE;
      return new Pair(full, changed ? score(random, RIGHT - loss / CHANGED_SHARE) : full);
    }

    private double score(UniformRandomProvider random, double right) {
      double u = random.nextDouble();
      return u < right ? 1 : u < right + PARTLY ? 2.0 / 3 : 0;
    }
  },

  /** The arm loses 0.1 on a share of the samples. */
  PARTIAL_LOSSES {
    private static final double STEP = 0.1;

    @Override
    Pair draw(UniformRandomProvider random, double loss) {
      double full = STEP + (1 - STEP) * random.nextDouble();
      return new Pair(full, random.nextDouble() < loss / STEP ? full - STEP : full);
    }
  },

  /** ROUGE-like: 40 % of the samples change by up to 0.3 around the mean loss. */
  WINS_AND_LOSSES {
    private static final double CHANGED_SHARE = 0.4;
    private static final double LARGEST = 0.3;

    @Override
    Pair draw(UniformRandomProvider random, double loss) {
      double full = 0.6;
      if (random.nextDouble() >= CHANGED_SHARE) {
        return new Pair(full, full);
      }
      double change = LARGEST * (2 * random.nextDouble() - 1) - loss / CHANGED_SHARE;
      return new Pair(full, full + change);
    }
  };

  /** Scores of one sample. */
  record Pair(double full, double arm) {
    double difference() {
      return arm - full;
    }
  }

  /** The scores of the next sample, whose mean difference is {@code -loss}. */
  abstract Pair draw(UniformRandomProvider random, double loss);

  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ').replace("f1", "F1");
  }
}
