#!/usr/bin/env bash
# Workers of Etude as a job array of Slurm: sixteen, each on four cores with four jobs at a time.
#
#   export ETUDE_REDIS_URL=redis://HOST:6379 ETUDE_REDIS_PASSWORD=…
#   sbatch --export=ALL workers.sh
#
# Slurm sends SIGTERM two minutes before the time is over: the jobs are given back, and other workers go on with them.
#SBATCH --job-name=etude-workers
#SBATCH --array=0-15
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=08:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
set -euo pipefail
: "${ETUDE_REDIS_URL:?say where the Redis is}"
exec srun etude worker --at-once "${SLURM_CPUS_PER_TASK:-4}" --name "slurm-${SLURM_ARRAY_JOB_ID:-0}-${SLURM_ARRAY_TASK_ID:-0}"
