package ai.cacheblend.worker.engine;

import java.util.function.Supplier;

/**
 * The attempt to launch a step.
 *
 * @param running whether the step was launched; otherwise the outcome is its failure
 * @param outcome waits for the end of the step; called once
 */
record StepLaunch(boolean running, Supplier<StepOutcome> outcome) {}
