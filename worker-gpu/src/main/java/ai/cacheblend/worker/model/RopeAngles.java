package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Rotation angles that no formula of {@link RopeParameters} gives. Pairs beyond the list are not
 * rotated.
 *
 * @param perPosition angle per position of pair i, elements i and i + headSize/2
 * @param amplitude factor of cosines and sines of the rotated pairs
 */
public record RopeAngles(List<Double> perPosition, double amplitude) {

  public RopeAngles {
    perPosition = List.copyOf(perPosition);
    checkArgument(!perPosition.isEmpty(), "rope angles are empty");
    for (double angle : perPosition) {
      checkArgument(angle > 0 && Double.isFinite(angle), "a rope angle is %s, must be > 0", angle);
    }
    checkArgument(
        amplitude > 0 && Double.isFinite(amplitude),
        "rope amplitude is %s, must be > 0",
        amplitude);
  }
}
