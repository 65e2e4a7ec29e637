import sys

from services.doctor.command import main

sys.exit(main())
