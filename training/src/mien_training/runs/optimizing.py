"""Optimisers, losses and learning rates of a recipe's phases."""

from typing import Any

import keras

from mien_training.runs.recipe import Phase, Recipe

_MOMENTUM = 0.9
# Plateau: the rate falls by this factor after so many epochs without a better validation.
PLATEAU_FACTOR = 0.75
PLATEAU_PATIENCE = 5


def make_optimizer(recipe: Recipe, phase: Phase, steps: int) -> keras.optimizers.Optimizer:
    """Return the optimiser of a phase that takes ``steps`` an epoch."""
    rate = _rate(phase, steps)
    if recipe.optimizer == "sgd":
        made = keras.optimizers.SGD(
            rate,
            momentum=_MOMENTUM,
            nesterov=True,
            weight_decay=recipe.weight_decay,
            global_clipnorm=recipe.clip_norm,
        )
    else:
        made = keras.optimizers.AdamW(
            rate, weight_decay=recipe.weight_decay, global_clipnorm=recipe.clip_norm
        )
    made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return made


def make_losses(recipe: Recipe) -> tuple[Any, Any]:
    """Return the losses and their weights, one for each head."""
    first = keras.losses.CategoricalCrossentropy(from_logits=True)
    if not recipe.extra_weight:
        return first, None
    second = keras.losses.CategoricalCrossentropy(from_logits=True)
    return [first, second], [1.0, recipe.extra_weight]


def _rate(phase: Phase, steps: int) -> Any:
    """Return a number where the rate is changed from outside, else a schedule."""
    if phase.schedule == "plateau":
        return phase.learning_rate
    warmup = round(phase.warmup_epochs * steps)
    decay = max(1, phase.epochs * steps - warmup)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=phase.learning_rate / 100 if warmup else phase.learning_rate,
        decay_steps=decay,
        alpha=1.0 if phase.schedule == "constant" else 0.0,
        warmup_target=phase.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
